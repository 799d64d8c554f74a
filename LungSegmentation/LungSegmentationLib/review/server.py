"""The server of a review: on this computer alone, for whoever knows its address, with the pages of the results and their ratings."""

from __future__ import annotations

import hmac
import http.server
import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from ..errors import InputError, OutputError
from ..output.viewer import VIEWER_NAME
from .index import INDEX_NAME
from .ratings import RATINGS_NAME, Rating, rating_from, read_ratings, save_ratings
from .results import REPORT_NAME, Result

_PAGES = (VIEWER_NAME, REPORT_NAME)
_LARGEST_BODY_BYTES = 4_000_000
_TIMEOUT_S = 30
_HTML, _JSON, _TEXT = "text/html; charset=utf-8", "application/json", "text/plain; charset=utf-8"


class ReviewServer(http.server.ThreadingHTTPServer):
    """Serves a folder of results.

    Parameters
    ----------
    folder : pathlib.Path
        With its ``index.html``, which is served as the start page.
    results : sequence of Result
        Only pages of these are given out.
    port : int
        0 for any that is free.

    Raises
    ------
    OSError
        When the port is taken.

    Notes
    -----
    It listens on the loopback address alone. Every path begins with a random token, so that no other user of this computer and no web
    page can guess one; requests that name another host are refused (DNS rebinding), and so are files that are not listed.
    """

    daemon_threads = True

    def __init__(self, folder: Path, results: Sequence[Result], port: int = 0) -> None:
        self.folder, self.token = folder, secrets.token_urlsafe(24)
        self.pages = {f"/{result.scan}/{name}": folder / result.scan / name for result in results for name in _PAGES}
        self.pages["/"] = self.pages[f"/{INDEX_NAME}"] = folder / INDEX_NAME
        self.scans = {result.scan for result in results}
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def address(self) -> str:
        """Where a browser finds the review."""
        return f"http://127.0.0.1:{self.server_port}/{self.token}/"

    @property
    def ratings_path(self) -> Path:
        """The file of ratings."""
        return self.folder / RATINGS_NAME

    @property
    def own_names(self) -> tuple[str, str]:
        """Hosts that a request may name."""
        return f"127.0.0.1:{self.server_port}", f"localhost:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a browser that goes away is no fault."""


class _Handler(http.server.BaseHTTPRequestHandler):
    server: ReviewServer
    server_version, sys_version = "review", ""
    protocol_version = "HTTP/1.0"  # a connection for each request: none outlives the server
    timeout = _TIMEOUT_S

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's name
        """Write no log: paths hold the token and names of scans."""

    def do_GET(self) -> None:
        """Give a page, or the ratings."""
        path = self._asked_for()
        if path is None:
            return
        if path == "/api/ratings":
            try:
                known = read_ratings(self.server.ratings_path) if self.server.ratings_path.exists() else ()
            except InputError as error:
                self._answer(500, str(error))
                return
            self._answer(200, json.dumps([asdict(rating) for rating in known]), _JSON)
            return
        page = self.server.pages.get(path)
        try:
            content = page.read_bytes() if page is not None else None
        except OSError:
            content = None
        if content is None:
            self._answer(404, "there is no such page")
        else:
            self._answer(200, content, _HTML)

    def do_PUT(self) -> None:
        """Save ratings."""
        body = self._body()
        path = None if body is None else self._asked_for()
        if body is None or path is None:
            return
        if path != "/api/ratings":
            self._answer(404, "there is no such page")
            return
        try:
            save_ratings(self.server.ratings_path, self._ratings_in(body))
        except (InputError, ValueError, RecursionError) as error:
            self._answer(400, str(error))
        except OutputError as error:
            self._answer(500, str(error))
        else:
            self._answer(200, "{}", _JSON)

    def _asked_for(self) -> str | None:
        """Give the path behind the token; None after a refusal."""
        origin = self.headers.get("Origin")
        own = [f"http://{name}" for name in self.server.own_names]
        if self.headers.get("Host") not in self.server.own_names or (origin is not None and origin not in own):
            self._answer(403, "this server is for this computer alone")
            return None
        token, slash, rest = unquote(self.path.partition("?")[0]).lstrip("/").partition("/")
        if not hmac.compare_digest(token.encode("utf-8", "replace"), self.server.token.encode()):
            self._answer(403, "the address lacks the right token; take the one that the command wrote")
            return None
        return slash + rest

    def _body(self) -> bytes | None:
        length = self.headers.get("Content-Length") or ""
        if not length.isdecimal() or int(length) > _LARGEST_BODY_BYTES or self.headers.get("Content-Type") != _JSON:
            self.close_connection = True
            self._answer(413 if length.isdecimal() and int(length) > _LARGEST_BODY_BYTES else 400, "expected ratings as JSON")
            return None
        return self.rfile.read(int(length))

    def _ratings_in(self, body: bytes) -> list[Rating]:
        rows = json.loads(body)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise InputError("expected a list of ratings")
        ratings = [rating_from(row) for row in rows]
        for rating in ratings:
            if rating.scan not in self.server.scans:
                raise InputError(f"there is no scan {rating.scan[:100]!r} in this review")
        return ratings

    def _answer(self, status: int, content: str | bytes, kind: str = _TEXT) -> None:
        data = content.encode("utf-8", "replace") if isinstance(content, str) else content
        self.send_response(status)
        for name, value in (
            ("Content-Type", kind),
            ("Content-Length", str(len(data))),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
            ("Cache-Control", "no-store"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
        ):
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)
