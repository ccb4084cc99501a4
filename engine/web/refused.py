"""What a visitor is told when something can't be done: one sentence, as JSON or as a plain page.

No answer shows a path of this machine or a traceback. What nobody has foreseen is told in general words, and
in full on the server's standard error, by uvicorn, to which it is raised.
"""

from __future__ import annotations

import errno
import html
import logging
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from engine.errors import (
    CheckpointError,
    LockError,
    ResourceError,
    RunError,
    SpaceError,
    SpecError,
    TargetError,
    TesseraError,
)
from engine.web.store import StoreError

NO_ROOM = "There is no room left on this server's disk; try again later, or delete a painting."
UNUSABLE = "This server can't use its disk at the moment; try again later, or tell whoever runs it."
UNEXPECTED = "Something went wrong here, which is no fault of yours; try it again."
NOTHING_HERE = "There is nothing here; perhaps it was deleted, or the address has a slip."

_STATUSES: Mapping[type[TesseraError], int] = {
    SpecError: 422,
    TargetError: 422,
    RunError: 409,
    LockError: 409,
    CheckpointError: 409,
    SpaceError: 507,
    ResourceError: 503,
}
_SENTENCES = {
    400: "The request can't be understood; send it again.",
    404: NOTHING_HERE,
    405: "This address takes other methods only; look at the description of the interface.",
    413: "That is more than this server takes; send less.",
    503: "The server has too much to do; try again in a moment.",
}
# A path of two or more parts that begins at the root; what follows a letter, such as km/h, is none.
_PATH = re.compile(r"(?<![\w.:/-])/(?:[^\s:;,'\"()<>/]+/)+([^\s:;,'\"()<>/]*)")
_FULL = (errno.ENOSPC, errno.EDQUOT)
_OF_DISKS = (errno.EROFS, errno.EIO, errno.EACCES, errno.EPERM, errno.ENFILE, errno.EMFILE)
log = logging.getLogger("tessera.web")
_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="{root}/static/plain.css">
<main>
<h1>{title}</h1>
<p>{sentence}</p>
{more}
</main>
</html>
"""


class Refused(Exception):  # noqa: N818 - it is an answer
    """An answer to a request that is not done.

    status: of HTTP. sentence: says what and how to mend it, without paths.
    """

    def __init__(self, status: int, sentence: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.status, self.sentence, self.headers = status, sentence, dict(headers or {})


def refused(error: Exception, folders: Sequence[Path] = ()) -> Refused | None:
    """The answer for an error that is foreseen; None for all others.

    folders: of the server, whose paths are taken out of sentences.
    """
    if isinstance(error, Refused):
        return error
    if isinstance(error, OSError) and error.errno in _FULL:
        return Refused(507, NO_ROOM)
    if isinstance(error, StoreError) or (isinstance(error, OSError) and error.errno in _OF_DISKS):
        return Refused(503, UNUSABLE)
    if isinstance(error, MemoryError):
        return Refused(503, _SENTENCES[503])
    if isinstance(error, SpaceError):
        return Refused(507, NO_ROOM)
    if isinstance(error, TesseraError):
        status = next((status for kind, status in _STATUSES.items() if isinstance(error, kind)), 500)
        return Refused(status, without_paths(str(error), folders))
    return None


def without_paths(sentence: str, folders: Sequence[Path] = ()) -> str:
    """A sentence with the names alone of files of this machine.

    folders: those whose paths may hold blanks or be relative, which can't be told from words.
    """
    known = {str(path) for folder in folders for path in (folder, folder.absolute())}
    for path in sorted(known - {".", "/"}, key=len, reverse=True):
        sentence = re.sub(rf"(?<![\w/]){re.escape(path)}(?:/(?:[^\s:;,'\"()<>/]+/)*)?", "", sentence)
    return _PATH.sub(r"\1", sentence)


def answer(
    path: str,
    accept: str,
    status: int,
    sentence: str,
    root: str = "",
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A sentence as a page where a person asks for one, else as JSON.

    path: below the root. accept: the request's header. root: path of the server's address, such as "/paint".
    """
    if path.startswith("/api/") or "text/html" not in accept:
        return JSONResponse({"detail": sentence}, status, headers)
    back = f'<p><a href="{html.escape(root)}/">Back to the beginning</a></p>'
    return HTMLResponse(page("That didn’t work", sentence, back, root), status, headers)


def page(title: str, sentence: str, more: str, root: str) -> str:
    """A page of a heading and a paragraph, without scripts. more: HTML that follows."""
    escaped = {name: html.escape(text) for name, text in (("title", title), ("sentence", sentence))}
    return _PAGE.format(**escaped, more=more, root=html.escape(root))


def install(app: FastAPI, root: str = "", folders: Sequence[Path] = ()) -> None:
    """Have an application answer in sentences, whatever goes wrong. folders: see `refused`."""

    def told(request: Request, refusal: Refused) -> Response:
        path = request.url.path.removeprefix(root)
        accept = request.headers.get("accept", "")
        return answer(path, accept, refusal.status, refusal.sentence, root, refusal.headers)

    async def foreseen(request: Request, error: Exception) -> Response:
        found = refused(error, folders)
        if found is None:
            raise error
        if found is not error:
            log.warning("%s", error)  # it is the host who can mend it
        return told(request, found)

    async def of_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        sentence = _SENTENCES.get(error.status_code, without_paths(str(error.detail), folders))
        return told(request, Refused(error.status_code, sentence, error.headers))

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return told(request, Refused(422, _what_is_invalid(error.errors())))

    async def unexpected(request: Request, error: Exception) -> Response:
        return told(request, refused(error, folders) or Refused(500, UNEXPECTED))

    for kind in (Refused, TesseraError, MemoryError, OSError):
        app.add_exception_handler(kind, foreseen)
    app.add_exception_handler(HTTPException, of_http)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(Exception, unexpected)


def _what_is_invalid(errors: Sequence[Any]) -> str:
    """A sentence about the first thing that is wrong with a request's parameters or JSON."""
    first = errors[0] if errors else {}
    kind, where = str(first.get("type", "")), [str(part) for part in first.get("loc", ())][1:]
    if kind.startswith("json"):
        return "The request's body isn't JSON; send such as {\"effort\": 4}."
    name = ".".join(part for part in where if re.fullmatch(r"[\w-]{1,60}", part))
    said = re.sub(r"\s+", " ", str(first.get("msg", ""))).rstrip(".")
    said = said[:1].lower() + said[1:200]
    if kind == "missing":
        said = "it is missing"
    return f"{name or 'The request'}: {said or 'it is not as it should be'}."
