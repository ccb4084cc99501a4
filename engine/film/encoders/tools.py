"""The programs that make films, and what the ffmpeg at hand can do."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg

from engine.errors import ToolError, reason, resource_error


@dataclass(frozen=True)
class Tools:
    """The executables that make films; gifski is None when it is not on PATH."""

    ffmpeg: str
    gifski: str | None
    encoders: frozenset[str] = frozenset()  # of this ffmpeg, by its names


def find_tools(ffmpeg: str | None = None) -> Tools:
    """Find ffmpeg (a path, a name on PATH, or by default the one of the imageio-ffmpeg wheel) and gifski.

    Raises ToolError when that ffmpeg is missing or can't be executed.
    """
    try:
        wanted = imageio_ffmpeg.get_ffmpeg_exe() if ffmpeg is None else ffmpeg
    except RuntimeError as exc:
        raise ToolError("no ffmpeg was found; install imageio-ffmpeg anew or name another.") from exc
    found, gifski = shutil.which(wanted), shutil.which("gifski")
    if found is None:
        raise ToolError(
            f"{wanted}: no such program, or it may not be executed; "
            "give the path of an ffmpeg, or none to use the one that was installed with this program."
        )
    # Absolute, because the tools run inside a scratch folder.
    path = os.path.abspath(found)  # noqa: PTH100 (keeps links)
    return Tools(path, gifski and os.path.abspath(gifski), _encoders(path))  # noqa: PTH100


def name_and_version(program: str, flag: str) -> str:
    """Such as "ffmpeg 7.1"."""
    first_line = _said(program, flag).partition("\n")[0]
    number = re.search(r"\d+(\.\d+)+", first_line)  # builds between releases have none
    name = Path(program).name.partition("-")[0]
    return f"{name} {number[0]}" if number else name


def _encoders(ffmpeg: str) -> frozenset[str]:
    """The names in its table, whose lines are like " V....D libx264   H.264 ..."."""
    try:
        table = _said(ffmpeg, "-hide_banner", "-encoders")
    except OSError as exc:
        raise resource_error(exc, ffmpeg) or ToolError(
            f"{ffmpeg}: can't be started ({reason(exc)}); give the path of another ffmpeg."
        ) from exc
    return frozenset(re.findall(r"^ V[.\w]{5} ([\w-]+) ", table, re.MULTILINE))


def _said(*command: str) -> str:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return done.stdout.decode(errors="replace")
