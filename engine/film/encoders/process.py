"""An encoder is a child process: frames go through its standard input, its last words become an error."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import IO, Any

import ffmpeg
import numpy as np

from engine.errors import RunError, SpaceError, TesseraError, ToolError, reason, resource_error
from engine.film.encoders.request import Size
from engine.image.pixels import Pixels

Write = Callable[[Pixels, int], None]  # a picture, so many times
Node = Any  # of ffmpeg-python, which has no types

QUIETLY = ("-hide_banner", "-nostdin", "-loglevel", "error", "-y")
_ENVIRONMENT = {
    "SVT_LOG": "1",  # SVT-AV1 writes a page about itself otherwise, over ffmpeg's own words
    # x264 looks at memory that it has not written (with AVX-512, where a row isn't a multiple of 128 px), and
    # makes another film of it now and then. glibc fills what it gives with the complement: zeros.
    "MALLOC_PERTURB_": "255",
}
_DISK_FULL = {errno.ENOSPC, errno.EDQUOT}
_PATIENCE = 5  # seconds, for an encoder that has closed its input to say why


def from_pipe(size: Size, rate: Fraction) -> Node:
    """Pictures that ffmpeg reads from its standard input, as the beginning of a graph."""
    raw = {"format": "rawvideo", "pixel_format": "rgb24", "video_size": (size[1], size[0])}
    return ffmpeg.input("pipe:0", **raw, framerate=str(rate))


def command(program: str, graph: Node) -> list[str]:
    """The command of a graph that ends in files; program: an ffmpeg."""
    return ffmpeg.compile(graph, cmd=[program, *QUIETLY])


@contextmanager
def running(command: list[str], film: Path, folder: Path | None = None) -> Iterator[Write]:
    """Run an encoder, yield what writes a frame to it, and wait until it has succeeded.

    It never outlives the block. folder: to run in, by default the film's.
    Raises ToolError or SpaceError with its last words when it fails.
    """
    # Its words go to a file, because a pipe that nobody reads fills up, and not beside the film, whose disk
    # may be full.
    with tempfile.TemporaryFile() as words:
        try:
            child = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=words,
                cwd=folder or film.parent,
                env={**os.environ, **_ENVIRONMENT},
                start_new_session=True,  # Ctrl-C in the terminal reaches us alone, and we end the encoder
            )
        except OSError as exc:
            raise resource_error(exc, film.name) or ToolError(
                f"{film.name}: {command[0]} can't be started ({reason(exc)})."
            ) from exc
        stdin = child.stdin
        assert stdin is not None  # for the type checker: it was asked for
        try:
            yield _writer(command[0], child, stdin, words, film)
            stdin.close()
            if child.wait() != 0:
                raise _failure(command[0], child.returncode, words, film)
        finally:
            child.kill()
            child.wait()
            with suppress(BrokenPipeError):  # what an interrupted write has left in the buffer
                stdin.close()


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn the operating system's refusals to write into sentences."""
    try:
        yield
    except OSError as exc:
        if exc.errno in _DISK_FULL:
            raise _disk_full(path) from exc
        raise RunError(f"{path}: can't be written ({reason(exc)}); choose another folder.") from exc


def check_written(film: Path) -> None:
    """ToolError when an encoder that has succeeded left nothing."""
    files = film.iterdir() if film.is_dir() else [film]
    if not any(file.exists() and file.stat().st_size for file in files):
        raise ToolError(f"{film.name}: its encoder reported success but wrote nothing; try another ffmpeg.")


def _writer(
    program: str, child: subprocess.Popen[bytes], stdin: IO[bytes], words: IO[bytes], film: Path
) -> Write:
    def write(pixels: Pixels, times: int) -> None:
        try:
            for _ in range(times):
                stdin.write(np.ascontiguousarray(pixels).data)
            stdin.flush()  # so that closing has nothing left to write
        except BrokenPipeError as exc:
            with suppress(subprocess.TimeoutExpired):
                child.wait(timeout=_PATIENCE)
            raise _failure(program, child.returncode, words, film) from exc

    return write


def _failure(program: str, returncode: int | None, words: IO[bytes], film: Path) -> TesseraError:
    words.seek(0)
    said = words.read().decode(errors="replace")
    if any(os.strerror(code) in said for code in _DISK_FULL):
        return _disk_full(film)
    if not returncode:
        how = "stopped reading before the last frame"
    elif returncode > 0:
        how = f"failed with exit code {returncode}"
    else:
        how = f"was killed by signal {-returncode}"
    lines = [re.sub(r" @ 0x[0-9a-f]+", "", line).strip() for line in said.splitlines() if line.strip()]
    why = "; ".join(lines[-4:]) or "it gave no reason, so try another one"
    return ToolError(f"{film.name}: {Path(program).name} {how}: {why}")


def _disk_full(path: Path) -> SpaceError:
    return SpaceError(f"{path.name}: its disk is full; free some space there and make the film again.")
