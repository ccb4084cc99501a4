"""`tessera serve`: the web page."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from engine.errors import SpecError, reason
from engine.regular_files import read_any

if TYPE_CHECKING:
    from engine.web.options import Limits

_REACH, _WORK, _KEPT = "Who can reach it", "Work", "What is kept"
_AGE = re.compile(r"([0-9]+(?:\.[0-9]+)?)(h|d|w)")
_UNITS = {"h": 3600.0, "d": 86_400.0, "w": 7 * 86_400.0}  # seconds
_MOST_TOKEN = 1000  # bytes of a file with one
_LEAST_TOKEN = 12  # letters


Host = Annotated[str, typer.Option(metavar="ADDRESS", help="Where it listens.", rich_help_panel=_REACH)]
Port = Annotated[
    int,
    typer.Option(metavar="PORT", min=0, max=65_535, help="The port; 0: a free one.", rich_help_panel=_REACH),
]
Token = Annotated[
    str | None,
    typer.Option(
        metavar="SECRET",
        help="Let in only who knows it; @FILE: the first line of a file. [none by default]",
        rich_help_panel=_REACH,
    ),
]
Open = Annotated[bool, typer.Option("--open", help="Let in whoever can reach it.", rich_help_panel=_REACH)]
Url = Annotated[
    str | None,
    typer.Option(
        metavar="https://HOST/PATH",
        help="How visitors reach it through a reverse proxy. [none by default]",
        rich_help_panel=_REACH,
    ),
]
Share = Annotated[
    bool,
    typer.Option("--share", help="Let visitors make links to their paintings.", rich_help_panel=_REACH),
]
Jobs = Annotated[
    int, typer.Option(metavar="N", min=1, help="How many are painted at a time.", rich_help_panel=_WORK)
]
Workers = Annotated[
    int | None,
    typer.Option(
        metavar="N", min=1, help="Processes of each. [default: one for each core]", rich_help_panel=_WORK
    ),
]
Limit = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=VALUE",
        help="What visitors may ask for, such as size=2048 or queued=2; may be repeated; docs/web.md lists "
        "them. [none by default]",
        rich_help_panel=_WORK,
    ),
]
Outputs = Annotated[Path, typer.Option(metavar="FOLDER", help="Where all is kept.", rich_help_panel=_KEPT)]
Keep = Annotated[
    str,
    typer.Option(metavar="AGE|always", help="When old paintings go (12h, 7d, 4w).", rich_help_panel=_KEPT),
]


def serve(
    *,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    token: Token = None,
    is_open: Open = False,
    url: Url = None,
    is_sharing: Share = False,
    jobs: Jobs = 1,
    workers: Workers = None,
    limit: Limit = None,
    outputs: Outputs = Path("outputs/web"),
    keep: Keep = "7d",
) -> None:
    """Serve a web page on which visitors let their pictures be painted."""
    from engine.web.options import ServeOptions
    from engine.web.serve import serve as open_server

    options = ServeOptions(
        outputs=outputs,
        host=host,
        port=port,
        jobs=jobs,
        workers=workers,
        token=None if token is None else _token(token),
        is_open=is_open,
        url=None if url is None else _url(url),
        keep=None if keep == "always" else _age(keep),
        is_sharing=is_sharing,
        limits=_limits(limit or ()),
    )
    if not (options.is_local or options.token or is_open):
        raise SpecError(
            f"--host {host}: others could reach it there; say who may: those who know a --token, or, with "
            "--open, everybody."
        )
    open_server(options)


def _token(text: str) -> str:
    """What is meant by --token; SpecError for one that can be guessed."""
    if text.startswith("@"):
        try:
            text = read_any(Path(text[1:]), _MOST_TOKEN).decode("utf-8", "replace").partition("\n")[0]
        except OSError as exc:
            raise SpecError(f"--token {text}: can't be read ({reason(exc)}).") from exc
        text = text.strip()
    if len(text) < _LEAST_TOKEN or not text.isascii() or not text.isprintable() or " " in text:
        raise SpecError(
            f"--token must be {_LEAST_TOKEN} letters and digits or more, without spaces, such as what "
            "openssl rand -hex 16 prints."
        )
    return text


def _url(text: str) -> str:
    from engine.spec.messages import show  # which loads all models

    try:
        parts = urlsplit(text)
        is_good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        is_good = False
    if not is_good or parts.query or parts.fragment or "@" in parts.netloc or not text.isascii():
        raise SpecError(f"--url must be such as https://studio.example/paint, not {show(text)}.")
    return text


def _age(text: str) -> float:
    from engine.spec.messages import show  # which loads all models

    match = _AGE.fullmatch(text.replace(" ", "").lower())
    if match is None or float(match[1]) <= 0:
        raise SpecError(f"--keep must be an age such as 12h, 7d or 4w, or always, not {show(text)}.")
    return float(match[1]) * _UNITS[match[2]]


def _limits(items: list[str] | tuple[()]) -> Limits:
    """The defaults but for what items say; SpecError."""
    from engine.spec.messages import show
    from engine.web.options import Limits

    found = Limits()
    names = [each.name.replace("_", "-") for each in fields(Limits)]
    for item in items:
        name, _, text = (part.strip() for part in item.partition("="))
        name = name.replace("_", "-")
        if name not in names:
            raise SpecError(f"--limit {show(name)}: there is no such limit; there are {', '.join(names)}.")
        attribute = name.replace("-", "_")
        kind = type(getattr(found, attribute))
        try:
            value = kind(text)
        except ValueError:
            value = kind(0)
        if not 0 < value < float("inf"):
            what = "a whole number" if kind is int else "a number"
            raise SpecError(f"--limit {name} must be {what} above 0, not {show(text)}.")
        found = replace(found, **{attribute: value})
    return found
