"""Headers that every answer has, whoever gives it."""

from __future__ import annotations

from collections.abc import Sequence

_PAGES = (
    "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# A drawing that is opened by itself is a document: it may have styles of its own, and nothing else.
DRAWINGS = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; sandbox"
)
_SVG = b"image/svg+xml"
_ALWAYS = {
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
_PRIVATE = ("/api/", "/p/", "/s/")  # what search engines are not to show

Headers = Sequence[tuple[bytes, bytes]]


def secured(path: str, headers: Headers) -> list[tuple[bytes, bytes]]:
    """The headers of an answer, with those that are missing. path: of the request, below the root."""
    found = [(name.lower(), value) for name, value in headers]
    names = {name for name, _ in found}
    kind = dict(found).get(b"content-type", b"")
    policy = DRAWINGS if kind.startswith(_SVG) and path.startswith("/api/") else _PAGES
    wanted = {**_ALWAYS, b"content-security-policy": policy.encode()}
    if not path.startswith("/static/"):
        wanted[b"cache-control"] = b"private, no-store" if path.startswith("/api/") else b"no-cache"
    if path.startswith(_PRIVATE):
        wanted[b"x-robots-tag"] = b"noindex"
    return [*found, *((name, value) for name, value in wanted.items() if name not in names)]
