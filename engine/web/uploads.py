"""Forms that visitors send, as streams: the picture goes to a file while it comes, and nowhere else.

Nothing that a visitor has written becomes a path: the file's name is random, and what the picture was called
is text to be shown.
"""

from __future__ import annotations

import logging
import os
import secrets
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING

import anyio.to_thread
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from engine.formatting import byte_count
from engine.web.options import Limits
from engine.web.refused import Refused

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

PICTURE = "picture"
FIELDS = ("settings", "sample", "again", "name")  # that there may be besides, once each
FIELD_BYTES = 16_000  # of one of them
NAME_LETTERS = 80  # of a picture's name, as it is shown
_BOUNDARY = 200  # characters of what stands between parts, at most
_HEADERS, _HEADER_BYTES = 8, 2000  # of a part
_BROKEN = "The form is damaged or cut short; send it again."
_LOST = "The connection was lost before all had come; send it again."


@dataclass(frozen=True)
class Form:
    """What was sent."""

    fields: dict[str, str]
    picture: Path | None  # its reader's to move or remove
    picture_name: str  # as it may be shown; "" without one


async def receive(request: Request, folder: Path, limits: Limits) -> Form:
    """Take a form in, its picture into a new file of a folder; Refused for one that can't be taken.

    The file is removed again whatever else happens.
    """
    boundary = _boundary(request.headers.get("content-type", ""))
    folder.mkdir(parents=True, exist_ok=True)
    reading = _Reading(boundary, folder, limits.upload_bytes)
    with _removed_unless_whole(reading):
        while reading.is_wanted:
            message = await request.receive()
            if message["type"] == "http.disconnect":
                raise Refused(400, _LOST)
            # Beside the loop: a stream that is made to be hard to read holds up no one else.
            await anyio.to_thread.run_sync(reading.take, message.get("body", b""))
            if not message.get("more_body", False):
                break
        await anyio.to_thread.run_sync(reading.finish)
    return Form(reading.fields, reading.path, reading.picture_name)


def shown_name(name: str) -> str:
    """What somebody has called a file, without folders and without letters that nobody sees."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    text = unicodedata.normalize("NFC", last)
    spaced = " ".join(text.split())
    seen = "".join(letter for letter in spaced if letter.isprintable() and letter != "\ufffd")
    return seen[:NAME_LETTERS].strip()


def _boundary(content_type: str) -> bytes:
    """What stands between the parts; Refused (415) for what is no form of parts."""
    kind, options = parse_options_header(content_type.encode("latin-1", "replace"))
    boundary = options.get(b"boundary", b"")
    if kind.lower() != b"multipart/form-data" or not 0 < len(boundary) <= _BOUNDARY:
        raise Refused(
            415, "Send a form (multipart/form-data) with a picture, such as curl -F picture=@cat.jpg."
        )
    return boundary


@contextmanager
def _removed_unless_whole(reading: _Reading) -> Iterator[None]:
    try:
        yield
    except BaseException:
        reading.drop()
        raise
    finally:
        reading.close()


@dataclass
class _Part:
    """A part of a form that is on its way."""

    headers: dict[str, bytes] = field(default_factory=dict)
    header: bytearray = field(default_factory=bytearray)  # the name of one that is read,
    value: bytearray = field(default_factory=bytearray)  # and what it says
    name: str = ""
    content: bytearray = field(default_factory=bytearray)  # of a field


class _Reading:
    """A form as it is read; pieces of it come in any size."""

    def __init__(self, boundary: bytes, folder: Path, most: int) -> None:
        self.fields: dict[str, str] = {}
        self.path: Path | None = None
        self.picture_name = ""
        self.is_wanted = True
        self._folder, self._most = folder, most
        self._file: IO[bytes] | None = None
        self._part = _Part()
        self._size = 0
        self._beside = 0  # bytes of all that is no picture, that of the form itself too
        self._has_picture = False
        self._parser = MultipartParser(
            boundary, self._calls(), max_header_count=_HEADERS, max_header_size=_HEADER_BYTES
        )
        self._parser.logger = logging.Logger(
            "form", logging.CRITICAL
        )  # nobody reads what strangers get wrong

    def _calls(self) -> MultipartCallbacks:
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._part.header.extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._part.value.extend(data[start:end]),
            "on_header_end": self._end_header,
            "on_headers_finished": self._open,
            "on_part_data": self._add,
            "on_part_end": self._end,
            "on_end": self._stop,
        }

    def take(self, piece: bytes) -> None:
        """Read the next piece; Refused as soon as something about it can't be taken."""
        size = self._size
        try:
            self._parser.write(piece)
        except FormParserError as exc:
            raise Refused(400, _BROKEN) from exc
        self._beside += len(piece) - (self._size - size)
        if self._beside > (len(FIELDS) + 1) * (FIELD_BYTES + _HEADERS * _HEADER_BYTES):
            raise Refused(413, "There is too much in the form beside the picture; send less.")

    def finish(self) -> None:
        """There is no more; Refused when something is missing."""
        if self.is_wanted:
            raise Refused(400, _BROKEN)
        if self._has_picture and self._size == 0:
            if self.picture_name:
                raise Refused(422, "The picture is empty; choose another one.")
            self.drop()  # what browsers send when none was chosen
        if self._file is not None:
            self._file.flush()

    def close(self) -> None:
        """Be done with the file."""
        if self._file is not None:
            with suppress(OSError):  # of a full disk, which has been told
                self._file.close()

    def drop(self) -> None:
        """Remove what has come of the picture."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)
        self.path, self.picture_name = None, ""

    def _begin(self) -> None:
        self._part = _Part()

    def _end_header(self) -> None:
        part = self._part
        part.headers[part.header.decode("latin-1").lower()] = bytes(part.value)
        part.header.clear()
        part.value.clear()

    def _open(self) -> None:
        """All is known of a part but its content."""
        kind, options = parse_options_header(self._part.headers.get("content-disposition", b""))
        name = self._part.name = _text(options.get(b"name", b""), "name")
        if kind.lower() != b"form-data":
            raise Refused(400, _BROKEN)
        if name == PICTURE:
            self._open_picture(options)
        elif name not in FIELDS:
            raise Refused(
                422, f"The form may hold {PICTURE}, {', '.join(FIELDS)}; leave out what is called otherwise."
            )
        elif name in self.fields:
            raise Refused(422, f"{name} is there twice; send it once.")

    def _open_picture(self, options: Mapping[bytes, bytes]) -> None:
        if self._has_picture:
            raise Refused(422, "There is more than one picture; send one at a time.")
        self._has_picture = True
        self.picture_name = shown_name(options.get(b"filename", b"").decode("utf-8", "replace"))
        path = self._folder / secrets.token_hex(16)
        self._file = os.fdopen(
            os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb"
        )
        self.path = path

    def _add(self, data: bytes, start: int, end: int) -> None:
        """A piece of a part's content."""
        if self._part.name == PICTURE:
            assert self._file is not None
            self._size += end - start
            if self._size > self._most:
                raise Refused(413, f"The picture has more than {byte_count(self._most)}; send a smaller one.")
            self._file.write(memoryview(data)[start:end])
            return
        self._part.content.extend(data[start:end])
        if len(self._part.content) > FIELD_BYTES:
            raise Refused(413, f"{self._part.name} is longer than {FIELD_BYTES // 1000} kB; send less.")

    def _end(self) -> None:
        if self._part.name != PICTURE:
            self.fields[self._part.name] = _text(bytes(self._part.content), self._part.name)

    def _stop(self) -> None:
        self.is_wanted = False


def _text(content: bytes, name: str) -> str:
    """A field as text."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as exc:
        raise Refused(422, f"{name} isn't UTF-8 text; send it as UTF-8.") from exc
