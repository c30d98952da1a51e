"""The door before Dagster's pages, an ASGI application around another: who may ask, from where, and in which way.

Dagster's server asks nobody who they are, answers any name that leads to it, and takes a mutation from a GET. So another user
of the machine, or a page that the operator's browser opens, could launch runs. Here a request needs

- a ``Host`` that is this machine's (else a foreign name could be made to lead here: DNS rebinding);
- no other site as its origin (``Origin``, ``Sec-Fetch-Site``);
- the token: as ``Authorization: Bearer``, or as the cookie that a first visit with ``?token=`` sets;
- for GraphQL, the way that no form and no link can go: a POST of JSON, or the websocket.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
COOKIE = "zhoubao_ui"
_READING = ("GET", "HEAD")
_GRAPHQL = "/graphql"
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^:\[\]]+)(?::[0-9]+)?")
_JSON = ("application/json", "application/graphql")
# what a page of another port or host may be; a browser says `none` for an address typed by hand
_OWN_SITE = ("same-origin", "none")
# closed for a breach of policy
_WEBSOCKET_REFUSED = 1008


@dataclass(frozen=True)
class _Refusal:
    status: int
    words: str


class Door:
    """``app`` for those alone who know ``token``, under the names of ``hosts`` and of the machine itself.

    The cookie is another secret for each start, so that one that was given away ends with the server.
    """

    def __init__(self, app: ASGIApp, token: str, where: str, hosts: Collection[str] = ()) -> None:
        self._app = app
        self._token = token
        self._where = where
        self._hosts = LOOPBACK | {host.lower() for host in hosts}
        self._session = hmac.new(secrets.token_bytes(32), token.encode(), hashlib.sha256).hexdigest()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._wrong_place(headers)
        if refusal is None and scope["type"] == "http" and self._is_first_visit(scope):
            await self._let_in(scope)(scope, receive, send)
            return
        refusal = refusal or self._unknown(headers) or _wrong_way(scope, headers)
        if refusal is None:
            await self._app(scope, receive, _unframed(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": _WEBSOCKET_REFUSED, "reason": ""})
        else:
            await PlainTextResponse(f"{refusal.words}\n", refusal.status)(scope, receive, send)

    def _wrong_place(self, headers: Headers) -> _Refusal | None:
        """Why the request comes from, or is meant for, another place."""
        host = headers.get("host", "").lower()
        if _name_of(host) not in self._hosts:
            return _Refusal(403, "this server does not go by that name: see the setting ui_hosts")
        origin = headers.get("origin")
        if origin is not None and origin.lower() not in (f"http://{host}", f"https://{host}"):
            return _Refusal(403, "a page of another site asked for this")
        if headers.get("sec-fetch-site", "none") not in _OWN_SITE:
            return _Refusal(403, "a page of another site asked for this")
        return None

    def _unknown(self, headers: Headers) -> _Refusal | None:
        """Why nobody knows who asks."""
        kind, _, given = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and _equal(given.strip(), self._token):
            return None
        if _equal(_cookie(headers), self._session):
            return None
        return _Refusal(
            401, f"open the link that `zhoubao dev` prints, or add ?token=… to this address; the token is in {self._where}"
        )

    def _is_first_visit(self, scope: Scope) -> bool:
        """Whether the address has the token; a wrong one is none."""
        return scope["method"] == "GET" and any(
            name == "token" and _equal(value, self._token) for name, value in _query_of(scope)
        )

    def _let_in(self, scope: Scope) -> Response:
        """Set the cookie, and show the same address without the token, so that it stays in no history."""
        rest = urlencode([(name, value) for name, value in _query_of(scope) if name != "token"])
        # a path of two slashes at its start would lead to another machine
        path = "/" + scope["path"].lstrip("/")
        answer = RedirectResponse(path + (f"?{rest}" if rest else ""), 303)
        answer.set_cookie(COOKIE, self._session, httponly=True, samesite="strict", path="/")
        answer.headers["Referrer-Policy"] = "no-referrer"
        return answer


def _wrong_way(scope: Scope, headers: Headers) -> _Refusal | None:
    """Why GraphQL is not asked in this way: a link can make a GET, and a form a POST that is no JSON."""
    if scope["type"] == "websocket" or scope["path"].rstrip("/") != _GRAPHQL:
        return None
    if scope["method"] in _READING:
        # Dagster's page to write queries in runs none by itself
        is_page = "text/html" in headers.get("accept", "") and not _query_of(scope)
        return None if is_page else _Refusal(403, "GraphQL is asked by POST alone")
    is_json = headers.get("content-type", "").partition(";")[0].strip().lower() in _JSON
    return None if is_json else _Refusal(415, "GraphQL is asked in JSON alone")


def _name_of(host: str) -> str:
    """A ``Host`` header's name without its port: ``[::1]:3000`` is ``[::1]``; nothing where it is no name."""
    found = _HOST.fullmatch(host)
    return found[1] if found else ""


def _query_of(scope: Scope) -> list[tuple[str, str]]:
    return parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)


def _cookie(headers: Headers) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


def _equal(given: str, expected: str) -> bool:
    """In a time that tells nothing of where they differ."""
    return hmac.compare_digest(given.encode(), expected.encode())


def _unframed(send: Send) -> Send:
    """Answers that no other page may put in a frame of its own."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=message.setdefault("headers", []))
            headers["X-Frame-Options"] = "DENY"
        await send(message)

    return sending


def serve(app: Any, listening: Any) -> None:
    """Answer on the socket ``listening`` until a signal ends it."""
    import uvicorn

    # proxies are not trusted, and the server says no version
    config = uvicorn.Config(app, log_level="warning", proxy_headers=False, server_header=False, timeout_graceful_shutdown=2)
    uvicorn.Server(config).run(sockets=[listening])
