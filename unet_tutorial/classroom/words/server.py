"""The server of the page: on this computer alone, and for whoever knows its token.

Any program here, and any web page that is open in a browser, can send requests to this server. So
each needs the token, and its Host has to be this server's own: that stops a web page that makes its
own name point to 127.0.0.1.
"""

from __future__ import annotations

import json
import secrets
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from unet_tutorial.classroom.words.table import Table
from unet_tutorial.classroom.words.view import build_view

_HOST = "127.0.0.1"
_MAX_BODY = 2**20
_REFUSED = "Open the address that `unet-tutorial words` printed. It has the token that this needs."
_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_POLICY = (
    "default-src 'none'; img-src data:; connect-src 'self'; style-src 'nonce-{nonce}'; "
    "script-src 'nonce-{nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class PageServer(ThreadingHTTPServer):
    """Shows a table's page and enters what is typed there."""

    def __init__(self, table: Table, next_step: str) -> None:
        super().__init__((_HOST, 0), _Handler)
        self.table, self.next_step = table, next_step
        self.token = secrets.token_urlsafe(32)
        self.page = Path(__file__).with_name("page.html").read_text(encoding="utf-8")

    @property
    def hosts(self) -> set[str]:
        """The values of Host that a request to this server can have."""
        return {f"{name}:{self.server_port}" for name in (_HOST, "localhost")}

    @property
    def address(self) -> str:
        """The page's address, with the token."""
        return f"http://{_HOST}:{self.server_port}/?token={self.token}"


class _Handler(BaseHTTPRequestHandler):
    server: PageServer
    timeout = 30  # seconds for a request to arrive

    def do_GET(self) -> None:
        if not self._require_token():
            return
        path = urlsplit(self.path).path
        if path == "/":
            nonce = secrets.token_urlsafe(16)
            page = self.server.page.replace("NONCE", nonce)
            self._reply(200, page, "text/html", _POLICY.format(nonce=nonce))
        elif path == "/answers":
            self._reply_with(lambda: build_view(self.server.table, self.server.next_step))
        else:
            self._reply(404, "There is no such page.")

    def do_POST(self) -> None:
        if not self._require_token():
            return
        length = self.headers.get("Content-Length", "")
        if not (length.isdecimal() and int(length) <= _MAX_BODY):
            self._reply(413, "This is too much to enter.")
            return
        body = self.rfile.read(int(length))
        if urlsplit(self.path).path == "/enter":
            self._reply_with(lambda: self._enter(body))
        else:
            self._reply(404, "There is no such page.")

    def _enter(self, body: bytes) -> dict:
        entry = json.loads(body)
        names = ("question", "digest", "points", "comment")
        if not isinstance(entry, dict) or not all(type(entry.get(name)) is str for name in names):
            raise ValueError("This isn't an entry.")
        self.server.table.enter(*(entry[name] for name in names))
        return {}

    def _require_token(self) -> bool:
        """Whether a request comes from the page, or has its address; if not, refuse it."""
        given = self.headers.get("X-Token") or parse_qs(urlsplit(self.path).query).get("token")
        given = given[0] if isinstance(given, list) else given or ""
        origin = self.headers.get("Origin")
        is_allowed = (
            secrets.compare_digest(given.encode(errors="replace"), self.server.token.encode())
            and self.headers.get("Host") in self.server.hosts
            and (origin is None or origin.removeprefix("http://") in self.server.hosts)
        )
        if not is_allowed:
            self._reply(403, _REFUSED)
        return is_allowed

    def _reply_with(self, make) -> None:
        """Reply with what `make` returns, as JSON, or with the reason why that failed."""
        try:
            made = make()
        except (ValueError, LookupError) as error:
            self._reply(400, str(error.args[0]))
        except OSError as error:
            self._reply(500, f"It can't be saved: {error}. Is the file open in another program?")
        else:
            self._reply(200, json.dumps(made), "application/json")

    def _reply(self, status: int, text: str, kind: str = "text/plain", policy: str = "") -> None:
        data = text.encode(errors="replace")
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Content-Security-Policy", policy or "default-src 'none'")
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Log nothing: the addresses have the token."""
