"""Keeps a Python process offline: connections and name look-ups reach this machine alone.

Python imports a module of this name by itself when it starts. The root's conftest.py puts this
folder on PYTHONPATH, so that whatever the tests start is offline too, a notebook's kernel included.
"""

import ipaddress
import socket
import sys


def is_this_machine(host):
    """Whether a host is a loopback address, or a name of this machine."""
    if isinstance(host, bytes | bytearray):
        host = bytes(host).decode("ascii", "replace")
    if host in ("", "localhost", socket.gethostname()):
        return True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def host_of(event, arguments):
    """The host that a socket event is about; None for sockets without one, such as Unix sockets."""
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        return address[0] if isinstance(address, tuple) and isinstance(address[0], str) else None
    if event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        return arguments[0]
    return None


def refuse_the_network(event, arguments):
    if (host := host_of(event, arguments)) is None:
        return
    if not is_this_machine(host):
        raise OSError(f"The tests run offline: {event} reaches this machine alone, not {host!r}.")


if not getattr(sys, "_tests_are_offline", False):  # a hook cannot be taken away: one is enough
    sys._tests_are_offline = True
    sys.addaudithook(refuse_the_network)
