"""Visitors are told apart by a cookie of 256 random bits, of which only a digest is kept."""

from __future__ import annotations

import hashlib
import re
import secrets
from http.cookies import SimpleCookie

from starlette.requests import Request

from engine.web.options import ServeOptions

COOKIE = "tessera_visitor"
YEAR = 365 * 24 * 3600  # seconds
_SECRET = re.compile("[A-Za-z0-9_-]{43}")  # 256 bits in base64


def new_secret() -> str:
    """What a visitor is known by from now on."""
    return secrets.token_urlsafe(32)


def digest_of(secret: str) -> str:
    """What is kept of it: SHA-256 in hex."""
    return hashlib.sha256(secret.encode()).hexdigest()


def secret_of(cookies: str) -> str | None:
    """That of a header `Cookie`; None where there is none, or something that is not of ours."""
    found = value_of(cookies, COOKIE)
    return found if found and _SECRET.fullmatch(found) else None


def value_of(cookies: str, name: str) -> str | None:
    """One value of a header `Cookie`."""
    for pair in cookies.split(";"):
        written, _, value = pair.strip().partition("=")
        if written == name:
            return value.strip('"')
    return None


def set_cookie(name: str, value: str, options: ServeOptions, seconds: int = YEAR) -> str:
    """A header `Set-Cookie` that no script reads and no other site sends along with what it changes."""
    jar: SimpleCookie = SimpleCookie({name: value})
    cookie = jar[name]
    cookie["path"], cookie["max-age"] = options.root or "/", seconds
    cookie["httponly"], cookie["samesite"] = True, "Lax"
    if options.is_secure:
        cookie["secure"] = True
    return cookie.OutputString()


def visitor_of(request: Request) -> str:
    """Who asks: the digest of the visitor's cookie, as the gate has found or made it."""
    return str(request.state.visitor)
