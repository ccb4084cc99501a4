"""The gate: what every request passes before the application sees it, and every answer on its way out.

It stands around the whole application, so that no answer leaves without its headers, and is plain ASGI, so
that streams go through it as they come.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, quote, unquote_plus, urlencode

import anyio
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.formatting import byte_count
from engine.web import visitors
from engine.web.bodies import Incoming, replayed
from engine.web.entry import token_page
from engine.web.headers import secured
from engine.web.hosts import Hosts
from engine.web.options import ServeOptions
from engine.web.refused import NOTHING_HERE, UNEXPECTED, Refused, answer
from engine.web.tokens import PAUSE, Guesses, Passes, key_in

UPLOADS = "/api/jobs"  # where pictures are sent to
DOOR = "/token"  # where the form that asks for the token is sent to
_UNGUARDED = ("/static/plain.css",)  # what that form needs
_MOST_PATH = 500  # characters
_MOST_HEADERS = 32_000  # bytes

Secrets = Callable[[], Passes]


@dataclass(frozen=True)
class Call:
    """A request, without its body."""

    scope: Scope
    root: str

    @cached_property
    def headers(self) -> dict[str, str]:
        """By lower-case name; several of a name are joined, as HTTP has it."""
        found: dict[str, str] = {}
        for name, value in self.scope["headers"]:
            key, text = name.decode("latin-1").lower(), value.decode("latin-1")
            glue = "; " if key == "cookie" else ", "
            found[key] = f"{found[key]}{glue}{text}" if key in found else text
        return found

    @cached_property
    def path(self) -> str:
        """Below the root."""
        path = str(self.scope["path"])
        root = self.scope.get("root_path") or self.root
        return path.removeprefix(root) if path.startswith(f"{root}/") else path or "/"

    @property
    def is_page(self) -> bool:
        """Whether a person has opened it in a browser."""
        is_other = self.path.startswith(("/api/", "/static/"))
        return (
            self.scope["method"] == "GET" and not is_other and "text/html" in self.headers.get("accept", "")
        )

    @property
    def is_upload(self) -> bool:
        """Whether a picture comes with it."""
        return self.scope["method"] == "POST" and self.path == UPLOADS

    @property
    def address(self) -> str:
        """Where it comes from."""
        return (self.scope.get("client") or ("", 0))[0]

    def refusal(self, refused: Refused) -> Response:
        """The answer that says so."""
        accept = self.headers.get("accept", "")
        return answer(self.path, accept, refused.status, refused.sentence, self.root, refused.headers)


@dataclass
class Outgoing:
    """The answer to a request."""

    call: Call
    incoming: Incoming
    to: Send
    cookies: list[str] = field(default_factory=list)
    has_begun: bool = False

    async def send(self, message: Message) -> None:
        """Pass a part of it on, the first one with all headers."""
        if message["type"] == "http.response.start":
            self.has_begun = True
            await self.incoming.drained()
            cookies = [(b"set-cookie", cookie.encode("latin-1")) for cookie in self.cookies]
            message = {**message, "headers": secured(self.call.path, [*message.get("headers", ()), *cookies])}
        await self.to(message)

    async def say(self, response: Response) -> None:
        """Answer with it."""
        await response(self.call.scope, self.incoming.receive, self.send)


class Gate:
    """ASGI middleware that lets in what is asked by our name, by our visitors, and in measure."""

    def __init__(self, app: ASGIApp, options: ServeOptions) -> None:
        self._app, self._options = app, options
        self._hosts = Hosts.of(options)
        self._guesses = Guesses(time.monotonic)

    @cached_property
    def _passes(self) -> Passes | None:
        token = self._options.token
        return Passes(token, key_in(self._options.outputs)) if token else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        elif scope["type"] == "http":
            await self._answer(Call(_whole(scope, self._options.root), self._options.root), receive, send)
        else:
            await self._app(scope, receive, send)

    async def _answer(self, call: Call, receive: Receive, send: Send) -> None:
        incoming = Incoming(receive, is_asked="expect" not in call.headers)
        outgoing = Outgoing(call, incoming, send)
        try:
            self._check(call)
            other = await self._at_the_door(call, incoming)
            if other is not None:
                await outgoing.say(other)
                return
            self._know(call, outgoing)
            came = incoming.moving() if call.is_upload else replayed(await incoming.whole(), receive)
            await self._app(call.scope, came, outgoing.send)
        except Refused as refused:
            if outgoing.has_begun:
                raise
            await outgoing.say(call.refusal(refused))
        except Exception:
            if not outgoing.has_begun:
                await outgoing.say(call.refusal(Refused(500, UNEXPECTED)))
            raise  # so that the host reads it

    def _check(self, call: Call) -> None:
        """Refused for what nobody who means well asks."""
        path, host = str(call.scope["path"]), call.headers.get("host", "")
        if not self._hosts.has(host):
            sentence = "This server doesn't go by that name; open it by the address that it was given"
            raise Refused(421, f"{sentence} (--url, if it has another one).")
        if sum(len(name) + len(value) for name, value in call.scope["headers"]) > _MOST_HEADERS:
            raise Refused(
                431, "The request's headers are too large; delete this site's cookies and try again."
            )
        if len(path) > _MOST_PATH or not path.startswith("/") or not path.isprintable() or "\\" in path:
            raise Refused(404, NOTHING_HERE)
        if ".." in path.split("/"):
            raise Refused(404, NOTHING_HERE)
        if self._hosts.is_forged(call.scope["method"], call.headers):
            raise Refused(403, "That was asked by another site's page; do it on this site's own.")
        length = call.headers.get("content-length", "0")
        most = self._options.limits.upload_bytes
        if call.is_upload and length.isdecimal() and int(length) > most + (1 << 17):
            raise Refused(413, f"The picture has more than {byte_count(most)}; send a smaller one.")

    async def _at_the_door(self, call: Call, incoming: Incoming) -> Response | None:
        """What is answered instead while somebody hasn't shown the token; None for all who may come in."""
        passes = self._passes
        if passes is None or call.path in _UNGUARDED:
            return None
        if call.path == DOOR:
            return await self._form(call, passes, incoming)
        kind, _, given = call.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            await self._compare(call, passes, given.strip())
            return None
        query = call.scope["query_string"].decode("latin-1")
        if call.is_page and (token := dict(parse_qsl(query)).get("token")):
            await self._compare(call, passes, token)
            rest = [pair for pair in parse_qsl(query, keep_blank_values=True) if pair[0] != "token"]
            to = quote(call.path) + (f"?{urlencode(rest)}" if rest else "")
            return self._let_in(passes, to)
        if passes.has(visitors.value_of(call.headers.get("cookie", ""), passes.name)):
            return None
        if call.is_page:
            return token_page(self._options.root, call.path)
        sentence = "This server asks for a token; send it as the header Authorization: Bearer TOKEN."
        raise Refused(401, sentence, {"www-authenticate": "Bearer"})

    async def _form(self, call: Call, passes: Passes, incoming: Incoming) -> Response:
        """What is answered to a token that was typed."""
        if call.scope["method"] != "POST":
            return token_page(self._options.root, "/")
        fields = _fields(await incoming.whole())
        to = fields.get("to", "/")
        try:
            await self._compare(call, passes, fields.get("token", ""))
        except Refused as refused:
            return token_page(self._options.root, to, refused)
        return self._let_in(passes, quote(to))

    async def _compare(self, call: Call, passes: Passes, token: str) -> None:
        """Refused for a wrong token, or for the next one after too many."""
        if seconds := self._guesses.wait(call.address):
            minutes = max(1, round(seconds / 60))
            sentence = f"Too many wrong tokens came from your address; try again in {minutes} min."
            raise Refused(429, sentence, {"retry-after": str(round(seconds) + 1)})
        if not passes.is_right(token):
            self._guesses.was_wrong(call.address, token)
            await anyio.sleep(PAUSE)
            raise Refused(401, "That isn't the token; ask whoever runs this server.", _BEARER)

    def _let_in(self, passes: Passes, to: str) -> Response:
        """A cookie, and on to a page of ours without the token in its address."""
        here = "/" + to.lstrip("/\\")  # "//" would begin the name of another host
        response = RedirectResponse(self._options.root + here, 303)
        response.headers["set-cookie"] = visitors.set_cookie(passes.name, passes.new(), self._options)
        return response

    def _know(self, call: Call, outgoing: Outgoing) -> None:
        """Tell the application who asks, and have a new visitor known from now on."""
        if call.path.startswith("/static/"):
            return
        secret = visitors.secret_of(call.headers.get("cookie", ""))
        if secret is None or call.is_page:  # each visit of a page begins the year anew
            secret = secret or visitors.new_secret()
            outgoing.cookies.append(visitors.set_cookie(visitors.COOKIE, secret, self._options))
        state: dict[str, Any] = call.scope.setdefault("state", {})
        state["visitor"] = visitors.digest_of(secret)


def _whole(scope: Scope, root: str) -> Scope:
    """With the root before its path, which a proxy may have taken off, and said to be it."""
    if not root:
        return scope
    whole = {**scope, "root_path": root}
    if scope["path"] != root and not scope["path"].startswith(f"{root}/"):
        whole["path"] = root + scope["path"]
        if scope.get("raw_path") is not None:
            whole["raw_path"] = root.encode() + scope["raw_path"]
    return whole


_BEARER = {"www-authenticate": "Bearer"}


def _fields(body: bytes) -> Mapping[str, str]:
    """Those of a form as browsers send it."""
    pairs = (pair.partition("=") for pair in body.decode("latin-1").split("&"))
    return {unquote_plus(name): unquote_plus(value) for name, _, value in pairs}
