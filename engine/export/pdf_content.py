"""What is drawn on a page of PDF, compressed while it is drawn: the library would keep all of it as text."""

from __future__ import annotations

import re
import shutil
import tempfile
import zlib
from types import TracebackType
from typing import IO, Self

from reportlab.pdfbase.pdfdoc import PDFArray, PDFDictionary, PDFName, PDFPage, PDFStream
from reportlab.pdfgen.canvas import Canvas

MANY = 2000  # operators that are compressed together
SPOOL = 4_000_000  # bytes that are kept in memory
STAND_IN = b"content of the page"  # which has its place until the file is written
LENGTH = re.compile(rb"/Length ([0-9]+)")
ENTRY = re.compile(rb"^([0-9]{10}) ([0-9]{5}) n", re.MULTILINE)  # of the table of objects
START = re.compile(rb"startxref\n([0-9]+)")


class PageContent:
    """The content of a canvas' only page, from when it is made; a context."""

    def __init__(self, canvas: Canvas) -> None:
        self._operators: list[str] = canvas._code
        self._deflate = zlib.compressobj()
        self._spool = tempfile.SpooledTemporaryFile(SPOOL)  # noqa: SIM115 - closed as a context
        self._compress(f"{canvas._preamble}\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._spool.close()

    def take_in(self, at_least: int = MANY) -> None:
        """Compress what has been drawn, if that is enough to be worth it."""
        if len(self._operators) >= at_least:
            self._compress("\n".join([*self._operators, ""]))
            self._operators.clear()

    def finish(self, page: PDFPage) -> None:
        """Take in the rest, and make a page that has been shown the canvas' last one.

        It is a transparency group in RGB: without one, Acrobat and presses mix colours in CMYK. The library
        has no method for it, and writes of a page what it has a name for.
        """
        self.take_in(1)
        self._spool.write(self._deflate.flush())
        filters = {"Filter": PDFArray([PDFName("FlateDecode")])}
        page.Contents = PDFStream(PDFDictionary(filters), STAND_IN)
        page.__NoDefault__ = [*page.__NoDefault__, "Group"]
        page.Group = PDFDictionary(
            {"Type": PDFName("Group"), "S": PDFName("Transparency"), "CS": PDFName("DeviceRGB")}
        )

    def write(self, file: IO[bytes], document: bytes) -> None:
        """Write a document with this content where its stand-in is."""
        length = self._spool.tell()
        head, tail = document.split(STAND_IN)
        found = list(LENGTH.finditer(head))[-1]
        before = len(head)
        head = head[: found.start(1)] + str(length).encode() + head[found.end(1) :]
        grown = len(head) - before + length - len(STAND_IN)

        def moved(place: int) -> int:
            return place + grown if place > before else place

        tail = ENTRY.sub(lambda entry: b"%010d %s n" % (moved(int(entry[1])), entry[2]), tail)
        tail = START.sub(lambda start: b"startxref\n%d" % moved(int(start[1])), tail)
        file.write(head)
        self._spool.seek(0)
        shutil.copyfileobj(self._spool, file)
        file.write(tail)

    def _compress(self, text: str) -> None:
        self._spool.write(self._deflate.compress(text.encode()))
