"""A file as an answer, with ranges and 304: opened once, so that whoever replaces it changes nothing."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from pathlib import Path
from typing import IO

import anyio.to_thread
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from engine.storage.files import open_plain
from engine.web.refused import Refused

CHUNK = 1 << 18  # bytes that are read at a time, and held for a slow reader
GONE = "It isn't there any more; it may have been deleted."
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


@dataclass(frozen=True)
class OpenFile:
    """A file that is read, whatever happens to its name."""

    file: IO[bytes]
    size: int  # bytes
    changed: int  # seconds since the epoch
    etag: str
    start: bytes  # the first CHUNK of it

    @classmethod
    def of(cls, path: Path) -> OpenFile:
        """Open a plain file, following no link below its folder; Refused (404) when it isn't there."""
        try:
            file = os.fdopen(open_plain(path.parent, path.name, os.O_RDONLY), "rb", buffering=0)
        except OSError as exc:
            raise Refused(404, GONE) from exc
        state = os.fstat(file.fileno())
        etag = f'"{state.st_mtime_ns:x}-{state.st_size:x}-{state.st_ino:x}"'
        return cls(file, state.st_size, int(state.st_mtime), etag, os.pread(file.fileno(), CHUNK, 0))

    def read(self, begin: int, size: int) -> bytes:
        """Some bytes of it."""
        return os.pread(self.file.fileno(), size, begin)


class FileAnswer(Response):
    """The answer to GET or HEAD of a file, or a part of it (RFC 9110); it closes the file."""

    def __init__(self, opened: OpenFile, headers: Mapping[str, str], media: str) -> None:
        """headers: in addition to those about its content."""
        super().__init__(headers=dict(headers), media_type=media)
        self._opened = opened
        self.headers["etag"] = opened.etag
        self.headers["last-modified"] = formatdate(opened.changed, usegmt=True)
        self.headers["accept-ranges"] = "bytes"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, or what was asked of it."""
        with self._opened.file:
            begin, end = self._asked(Headers(scope=scope), scope["method"])
            start = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
            await send(start)
            while begin < end and scope["method"] != "HEAD":
                part = self._opened.start[begin:end]
                if not part:
                    size = min(CHUNK, end - begin)
                    part = await anyio.to_thread.run_sync(self._opened.read, begin, size)
                begin = begin + len(part) if part else end  # somebody has cut it off
                await send({"type": "http.response.body", "body": part, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _asked(self, headers: Headers, method: str) -> tuple[int, int]:
        """Which bytes are sent, half-open; sets the status and the headers about it."""
        size = self._opened.size
        if self._is_known(headers):
            self.status_code = 304
            for name in ("content-type", "content-length", "content-disposition"):
                if name in self.headers:
                    del self.headers[name]
            return 0, 0
        begin, end = 0, size
        if method == "GET" and (part := self._part(headers)) is not None:
            begin, end = part
            self.status_code = 206 if begin < end else 416
            shown = f"{begin}-{end - 1}" if begin < end else "*"
            self.headers["content-range"] = f"bytes {shown}/{size}"
        self.headers["content-length"] = str(end - begin)
        return begin, end

    def _is_known(self, headers: Headers) -> bool:
        """Whether whoever asks has it already."""
        if (tags := headers.get("if-none-match")) is not None:
            found = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
            return bool(found & {"*", self._opened.etag})
        return self._is_of(headers.get("if-modified-since"))

    def _is_of(self, date: str | None) -> bool:
        """Whether it has not changed since a date of a header."""
        try:
            return date is not None and self._opened.changed <= parsedate_to_datetime(date).timestamp()
        except (ValueError, TypeError, OverflowError):
            return False

    def _part(self, headers: Headers) -> tuple[int, int] | None:
        """The one range that is asked for, half-open; empty: it lies outside. None: all is to be sent."""
        found, size = _RANGE.fullmatch(headers.get("range", "").replace(" ", "")), self._opened.size
        condition = headers.get("if-range")
        if found is None or (
            condition and condition not in (self._opened.etag, self.headers["last-modified"])
        ):
            return None
        first, last = found.groups()
        if not first and not last:
            return None
        if not first:  # the last so many
            return max(0, size - int(last)), size
        if last and int(last) < int(first):
            return None
        begin, end = int(first), min(size, int(last) + 1) if last else size
        return (begin, end) if begin < size else (0, 0)
