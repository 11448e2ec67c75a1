"""Isolate a run with bubblewrap (Linux): it sees its own folder, Python and the package only."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from unet_tutorial.classroom.grading.sandbox.kernel import PACKAGE
from unet_tutorial.teaching import chapters

_SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin")
# Of /etc, only what programs need to find libraries and fonts: no names, keys or settings.
_SETTINGS = ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "fonts", "localtime")
_HOME = "/submission"
_NAMESPACES = ("user", "pid", "net", "ipc", "uts", "cgroup-try")
_KEPT_VARIABLES = ("LANG", "LC_", "PYTHON", "OMP_", "UNET_TUTORIAL", "SSL_CERT")


class CannotIsolate(OSError):
    """Submissions can't be isolated here; the message says what to do."""


def require_bubblewrap(course: Path) -> None:
    """Raise CannotIsolate unless bubblewrap works here, and can hide the course."""
    if shutil.which("bwrap") is None:
        raise CannotIsolate(
            "--isolate needs bubblewrap, which is not installed. On Debian or Ubuntu, install it "
            "with: sudo apt install bubblewrap. It exists for Linux only; on other systems, use "
            "the container in INSTRUCTORS.md."
        )
    for shown in (*map(Path, _SYSTEM), *list_shown()):
        if course.resolve().is_relative_to(shown):
            raise CannotIsolate(
                f"The course is in {shown}, which submissions can see. Move the course elsewhere."
            )
    tried = subprocess.run(
        [*_build_frame(Path("/tmp")), "true"], capture_output=True, text=True, check=False
    )
    if tried.returncode:
        raise CannotIsolate(
            f"bubblewrap doesn't work here: {tried.stderr.strip()}. The system may forbid user "
            "namespaces, as some containers do."
        )


def list_shown() -> list[Path]:
    """List the folders outside the system's that a run can read: Python and the package."""
    notebooks = chapters.find_notebooks()
    prefixes = {Path(each) for each in (sys.prefix, sys.base_prefix, sys.exec_prefix)}
    python = prefixes | {each.resolve() for each in prefixes}  # a prefix may be a link
    own = {PACKAGE, notebooks, notebooks.parent / "figures"}
    return sorted(place for place in python | own if not place.is_relative_to("/usr"))


def build_isolated_command(command: list[str], folder: Path, environment: dict) -> list[str]:
    """Build the command line that runs a command in bubblewrap; only `folder` is writable."""
    variables = {"HOME": _HOME, "TMPDIR": _HOME, "PATH": "/usr/bin:/bin", "USER": "student"}
    variables |= {
        key: value for key, value in environment.items() if key.startswith(_KEPT_VARIABLES)
    }
    settings = [part for item in variables.items() for part in ("--setenv", *item)]
    return [*_build_frame(folder), "--clearenv", *settings, "--", *command]


def _build_frame(folder: Path) -> list[str]:
    """Build the beginning of the command line: namespaces and what is mounted."""
    return [
        "bwrap",
        *(f"--unshare-{each}" for each in _NAMESPACES),
        "--die-with-parent",
        "--new-session",
        *("--proc", "/proc", "--dev", "/dev"),
        *("--tmpfs", "/tmp", "--tmpfs", "/run", "--tmpfs", "/var"),
        *_build_mounts(),
        *("--bind", str(folder), _HOME, "--chdir", _HOME, "--remount-ro", "/"),
    ]


def _build_mounts() -> Iterator[str]:
    for place in _SYSTEM:
        yield from _build_mount(Path(place))
    for name in _SETTINGS:
        yield from ("--ro-bind-try", f"/etc/{name}", f"/etc/{name}")
    for place in list_shown():
        yield from ("--ro-bind", str(place), str(place))


def _build_mount(place: Path) -> tuple[str, ...]:
    """Mount a folder of the system; /lib is often a link into /usr."""
    if place.is_symlink():
        return ("--symlink", str(place.readlink()), str(place))
    return ("--ro-bind-try", str(place), str(place))
