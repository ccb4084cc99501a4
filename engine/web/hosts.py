"""By which names this server is asked, and from which pages: against DNS rebinding and forged requests."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from engine.web.options import ServeOptions

_HOST = re.compile(r"(\[[0-9a-fA-F:.]{2,45}\]|[A-Za-z0-9_.-]{1,253})(?::([0-9]{1,5}))?")
_WILD = ("0.0.0.0", "::", "")  # addresses that mean all of a machine
_PORTS = {"http": 80, "https": 443}
_SAFE = ("GET", "HEAD", "OPTIONS")  # methods that change nothing
_OWN = ("same-origin", "none")  # sites that a browser says a request comes from: ours, or its user's own


@dataclass(frozen=True)
class Hosts:
    """The names that this server answers to, at any port.

    A page of a stranger whose name is made to lead here ("DNS rebinding") asks by a name that is none of
    them. A number is no name that a stranger can own, so any will do where all addresses are listened at.
    """

    names: frozenset[str]
    any_number: bool
    origin: tuple[str, int] | None  # name and port of the public address

    @classmethod
    def of(cls, options: ServeOptions) -> Self:
        """Those of a server."""
        names = {"localhost", "127.0.0.1", "::1", options.host.strip("[]").lower()}
        is_wild = options.host.strip("[]") in _WILD
        if is_wild:
            own = socket.gethostname().lower()
            names |= {own, own.partition(".")[0], f"{own.partition('.')[0]}.local"}
        origin = _origin(options.url) if options.url else None
        if origin:
            names.add(origin[0])
        return cls(frozenset(names - set(_WILD)), is_wild, origin)

    def has(self, host: str) -> bool:
        """Whether a header `Host` names us."""
        found = _name_and_port(host)
        return found is not None and (found[0] in self.names or (self.any_number and _is_number(found[0])))

    def is_ours(self, origin: str, host: str) -> bool:
        """Whether a header `Origin` is that of a page of ours. host: of the same request."""
        found = _origin(origin)
        asked = _name_and_port(host)
        if found is None or asked is None:
            return False
        default = _PORTS[urlsplit(origin).scheme]
        return found in (self.origin, (asked[0], asked[1] or default))

    def is_forged(self, method: str, headers: Mapping[str, str]) -> bool:
        """Whether a page of somebody else may have made a browser ask for a change.

        headers: by lower-case name. Programs send neither of the two that browsers do, and carry no cookies
        that a stranger's page could make use of.
        """
        if method in _SAFE:
            return False
        if site := headers.get("sec-fetch-site"):
            return site not in _OWN
        return "origin" in headers and not self.is_ours(headers["origin"], headers.get("host", ""))


def _name_and_port(host: str) -> tuple[str, int | None] | None:
    """What a header `Host` says, the name in lower case without brackets; None for what is no host."""
    match = _HOST.fullmatch(host)
    if match is None:
        return None
    return match[1].strip("[]").rstrip(".").lower(), int(match[2]) if match[2] else None


def _origin(url: str) -> tuple[str, int] | None:
    """Name and port of an address; None for what is none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname:
        return None
    return parts.hostname.rstrip("."), port or _PORTS[parts.scheme]


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
