"""The secret that visitors of a server with `--token` have to know, and how often it may be guessed at."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import ipaddress
import os
import secrets
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

KEY = ".serve.key"  # a file beside the list of jobs
GUESSES = 10  # that an address has
WINDOW = 600.0  # seconds, after which it has as many again
PAUSE = 0.5  # seconds before a wrong one is answered
_ADDRESSES = 10_000  # that are remembered
_KEY_BYTES = 32


def key_in(folder: Path) -> bytes:
    """The key of a server's cookies, made at need; nobody else can read it."""
    path = folder / KEY
    with contextlib.suppress(FileNotFoundError):
        key = path.read_bytes()
        if len(key) == _KEY_BYTES:
            return key
        path.unlink()  # cut short when a disk was full: whoever was let in gives the token once more
    folder.mkdir(parents=True, exist_ok=True)
    key = secrets.token_bytes(_KEY_BYTES)
    part = path.with_name(f"{KEY}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(key)
    part.replace(path)
    return key


class Passes:
    """Cookies for those who have given the token, so that it is in none of them.

    They hold random bits with their code (HMAC with SHA-256) by a key that only the server has, so there is
    nothing to guess at. They go on after a restart, and end when the token is another one.
    """

    def __init__(self, token: str, key: bytes) -> None:
        self._token = _digest(token)
        self._key = hmac.digest(key, self._token, "sha256")
        self.name = f"tessera_pass_{self._code(b'name')[:8]}"  # servers at other ports have others

    def is_right(self, token: str) -> bool:
        """Whether it is the token, in a time that tells nothing about it."""
        return hmac.compare_digest(_digest(token), self._token)

    def new(self) -> str:
        """The value of a new cookie."""
        number = secrets.token_hex(16)
        return f"{number}.{self._code(number.encode())}"

    def has(self, value: str | None) -> bool:
        """Whether a cookie's value is one of ours."""
        number, _, code = (value or "").encode("utf-8", "replace").partition(b".")
        return hmac.compare_digest(code, self._code(number).encode())

    def _code(self, text: bytes) -> str:
        return hmac.digest(self._key, text, "sha256").hex()


class Guesses:
    """How many different wrong tokens came from where; `clock`: seconds.

    The same again is none more, so that a program with an old token locks nobody out.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._seen: OrderedDict[str, dict[bytes, float]] = OrderedDict()

    def wait(self, address: str) -> float:
        """Seconds until an address may guess again; 0 when it may now."""
        now, block = self._clock(), _block(address)
        seen = {each: at for each, at in self._seen.get(block, {}).items() if at > now - WINDOW}
        if not seen:
            self._seen.pop(block, None)
            return 0.0
        self._seen[block] = seen
        return min(seen.values()) + WINDOW - now if len(seen) >= GUESSES else 0.0

    def was_wrong(self, address: str, token: str) -> None:
        """An address has given a wrong one."""
        block = _block(address)
        self._seen.setdefault(block, {}).setdefault(_digest(token), self._clock())
        self._seen.move_to_end(block)
        while len(self._seen) > _ADDRESSES:
            self._seen.popitem(last=False)


def _block(address: str) -> str:
    """What a visitor can choose among: an address, or the half of one of IPv6 that is a household's."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return str(found)
    return str(found.ipv4_mapped or ipaddress.ip_network((int(found) >> 64 << 64, 64)))


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
