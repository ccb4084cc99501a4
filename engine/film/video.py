"""The last stage of the film: frames in, a file out, streamed, never all frames in memory."""

import errno
import itertools
import math
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import imageio_ffmpeg
import numpy as np
from PIL import Image

from engine.errors import RunError, SpaceError, SpecError, TesseraError, ToolError
from engine.image import Pixels
from engine.run_folder import SCRATCH

Size = tuple[int, int]  # height, width


@dataclass(frozen=True)
class Frame:
    """A picture of the film and how long it is shown."""

    pixels: Pixels
    seconds: float


@dataclass(frozen=True)
class Tools:
    """The executables that make films; gifski is None when it is not on PATH."""

    ffmpeg: str
    gifski: str | None


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
    return Tools(os.path.abspath(found), gifski and os.path.abspath(gifski))  # noqa: PTH100 (keeps links)


def encode(frames: Iterable[Frame], path: Path, fps: int, tools: Tools) -> str:
    """Write the frames as a film in the format of the path's suffix, and say which encoder made it.

    A frame is shown for its seconds rounded to whole ticks of 1/fps; what is rounded off is carried to the
    next one, so the length is exact to a tick. A GIF uses the nearest rate that it can express. The file
    appears under its name only when it is complete.
    Raises SpecError (format), ToolError (encoder), SpaceError (disk), RunError (folder), and ValueError for
    no frames, frames of different sizes and impossible durations.
    """
    write_film = FORMATS.get(path.suffix.lower().removeprefix("."))
    if write_film is None:
        raise SpecError(f"{path.name}: not a film format that I can write ({', '.join(FORMATS)}).")
    if fps < 1:
        raise ValueError(f"a film needs at least 1 frame per second, not {fps}.")
    frames = iter(frames)
    first = next(frames, None)
    if first is None:
        raise ValueError(f"{path.name}: a film needs at least one frame.")
    with _writing(path):
        scratch = tempfile.TemporaryDirectory(prefix=SCRATCH, dir=path.parent)
    with scratch as folder:
        film = Path(folder, path.name)
        height, width = first.pixels.shape[:2]
        encoder = write_film(itertools.chain([first], frames), (height, width), film, fps, tools)
        if not film.is_file() or film.stat().st_size == 0:
            raise ToolError(f"{path.name}: {encoder} reported success but wrote nothing; try another ffmpeg.")
        with _writing(path):
            with film.open("rb+") as written:
                os.fsync(written.fileno())
            film.replace(path)
    return encoder


def _write_mp4(frames: Iterable[Frame], size: Size, film: Path, fps: int, tools: Tools) -> str:
    edge = (size[0] % 2, size[1] % 2)  # 4:2:0 chroma needs even sizes
    # Without the flags swscale rounds RGB coarsely and loses chroma between pixels (.15 dB in all).
    # The frames must be tagged as well as converted: a player assumes BT.601 for small untagged films.
    to_bt709 = (
        "scale=out_color_matrix=bt709:out_range=tv:flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp,"
        "format=yuv420p,"
        "setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709"
    )
    # 90 frames of 900 translucent triangles at 1080x1080, CRF 18, two cores (4:2:0 alone allows 42.9 dB):
    #   veryfast  1.5 s of processor time, 1.15 MB, 39.8 dB
    #   fast      2.9 s,                   1.20 MB, 40.5 dB
    #   medium    3.4 s,                   1.20 MB, 40.6 dB
    # A film of 12 s has 720 frames, so fast would add some 7 s to a demo of 20 s for a gain nobody sees.
    # One group of pictures: a new one would start with a visible jump of quality, in a held frame, too.
    one_group = ["-g", "1000000", "-keyint_min", "1000000", "-sc_threshold", "0"]
    quality = ["-preset", "veryfast", "-crf", "18", *one_group]
    h264 = ["-c:v", "libx264", *quality, "-movflags", "+faststart"]
    command = [
        *_from_pipe(tools.ffmpeg, (size[0] + edge[0], size[1] + edge[1]), Fraction(fps)),
        *("-vf", to_bt709, *h264, "-f", "mp4", f"file:{film.name}"),
    ]
    with _running(command, film) as write:
        for pixels, ticks in _timed(frames, size, Fraction(fps)):
            even = np.pad(pixels, ((0, edge[0]), (0, edge[1]), (0, 0)), mode="edge") if any(edge) else pixels
            write(even, ticks)
    return f"H.264 by {_name_and_version(tools.ffmpeg, '-version')}"


def _write_gif(frames: Iterable[Frame], size: Size, film: Path, fps: int, tools: Tools) -> str:
    # A GIF's delays are whole centiseconds, and browsers slow down anything shorter than two of them.
    delay = min(range(2, 101), key=lambda centiseconds: abs(Fraction(100, centiseconds) - fps))
    rate = Fraction(100, delay)
    timed = _timed(frames, size, rate)
    if tools.gifski is None:
        return _write_gif_by_ffmpeg(timed, size, film, rate, tools.ffmpeg)
    return _write_gif_by_gifski(timed, size, film, rate, tools.gifski)


def _write_gif_by_gifski(
    timed: Iterable[tuple[Pixels, int]],
    size: Size,
    film: Path,
    rate: Fraction,
    gifski: str,
) -> str:
    # PNG files rather than a y4m pipe: exact colours, and releases before 1.32 (npm has 1.7) can't read y4m.
    # They lie on the disk, not in memory; a repeated frame is a repeated name, which lengthens its delay.
    names: list[str] = []
    for index, (pixels, ticks) in enumerate(timed):
        name = f"{index:06d}.png"  # gifski sorts its arguments by number, which keeps this order
        with _writing(film):
            Image.fromarray(pixels).save(film.with_name(name), compress_level=1)
        names += [name] * ticks
    if len(names) == 1:
        names *= 2  # gifski refuses a single file
    # Without a width and height gifski shrinks the film to about 800x600.
    full_size = ["--width", str(size[1]), "--height", str(size[0])]
    output = ["--output", f"./{film.name}"]
    command = [gifski, "--quiet", "--fps", f"{float(rate):.6g}", *full_size, *output, *names]
    with _running(command, film):
        pass
    return _name_and_version(gifski, "--version")


def _write_gif_by_ffmpeg(
    timed: Iterable[tuple[Pixels, int]],
    size: Size,
    film: Path,
    rate: Fraction,
    ffmpeg: str,
) -> str:
    # A palette is known only after the last frame. Palettegen and paletteuse in one graph would hold every
    # frame in memory until then (2 GB for 12 s at 1080x1080), so a lossless copy waits on the disk instead.
    # Not stats_mode=diff: it never counts the last frame's colours, and 1 dB is lost on the frames above.
    keep_and_count = "[0:v]split[kept][counted];[counted]palettegen=stats_mode=full[palette]"
    command = [
        *_from_pipe(ffmpeg, size, rate),
        *("-filter_complex", keep_and_count),
        *("-map", "[kept]", "-c:v", "libx264rgb", "-qp", "0", "-preset", "ultrafast", "frames.nut"),
        *("-map", "[palette]", "-update", "1", "palette.png"),
    ]
    with _running(command, film) as write:
        for pixels, ticks in timed:
            write(pixels, ticks)
    # Ordered dithering stands still where the picture does; error diffusion swims, and costs its size.
    # The 90 frames above, size and PSNR after a slight blur (what the eye sees): none 4.0 MB 38.0 dB,
    # bayer 5 4.4 MB 38.4 dB, bayer 4 4.7 MB 38.9 dB, bayer 3 5.4 MB 39.6 dB, sierra2_4a 30 MB 42.6 dB.
    colour = "[0:v][1:v]paletteuse=dither=bayer:bayer_scale=4"
    sources = ["-i", "frames.nut", "-i", "palette.png"]
    output = ["-loop", "0", "-f", "gif", f"file:{film.name}"]
    with _running([ffmpeg, *_QUIETLY, *sources, "-filter_complex", colour, *output], film):
        pass
    return "ffmpeg's palette filters (gifski is not on PATH)"


# The formats of films by suffix: the function writes the file and says in a few words what encoded it.
FORMATS: dict[str, Callable[[Iterable[Frame], Size, Path, int, Tools], str]] = {
    "mp4": _write_mp4,
    "gif": _write_gif,
}

_QUIETLY = ("-hide_banner", "-nostdin", "-loglevel", "error", "-y")
_DISK_FULL = {errno.ENOSPC, errno.EDQUOT}


def _timed(frames: Iterable[Frame], size: Size, rate: Fraction) -> Iterator[tuple[Pixels, int]]:
    """Yield the frames that are shown, each with its number of ticks of 1/rate seconds, at least one in all.

    A frame ends at the tick nearest to where it should, so one of a tick or longer is never lost.
    """
    end, shown = 0.0, 0  # seconds, ticks
    for index, frame in enumerate(frames):
        if frame.pixels.shape != (*size, 3) or frame.pixels.dtype != np.uint8:
            raise ValueError(
                f"frame {index} is {frame.pixels.dtype} {frame.pixels.shape}, not uint8 {(*size, 3)}."
            )
        if not 0 <= frame.seconds < math.inf:
            raise ValueError(f"frame {index} is shown for {frame.seconds} seconds; it must be 0 or more.")
        end += frame.seconds
        ticks = math.floor(end * rate + 0.5) - shown
        if ticks:
            yield frame.pixels, ticks
        shown += ticks
    if not shown:
        yield frame.pixels, 1


def _from_pipe(ffmpeg: str, size: Size, rate: Fraction) -> list[str]:
    raw = ["-f", "rawvideo", "-pixel_format", "rgb24", "-video_size", f"{size[1]}x{size[0]}"]
    return [ffmpeg, *_QUIETLY, *raw, "-framerate", str(rate), "-i", "pipe:0"]


@contextmanager
def _running(command: list[str], film: Path) -> Iterator[Callable[[Pixels, int], None]]:
    """Run an encoder in the film's folder, yield what writes a frame to it, and wait until it has succeeded.

    It never outlives the block. Raises ToolError or SpaceError with its last words when it fails.
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
                cwd=film.parent,
                start_new_session=True,  # Ctrl-C in the terminal reaches us alone, and we end the encoder
            )
        except OSError as exc:
            raise ToolError(f"{film.name}: {command[0]} can't be started ({exc.strerror}).") from exc
        stdin = child.stdin
        assert stdin is not None  # for the type checker: it was asked for

        def failure() -> TesseraError:
            words.seek(0)
            return _failure(command[0], child.returncode, words.read().decode(errors="replace"), film)

        def write(pixels: Pixels, times: int) -> None:
            try:
                for _ in range(times):
                    stdin.write(np.ascontiguousarray(pixels).data)
                stdin.flush()  # so that closing has nothing left to write
            except BrokenPipeError as exc:
                with suppress(subprocess.TimeoutExpired):
                    child.wait(timeout=5)  # most likely it is on its way out, and still says why
                raise failure() from exc

        try:
            yield write
            stdin.close()
            if child.wait() != 0:
                raise failure()
        finally:
            child.kill()
            child.wait()
            with suppress(BrokenPipeError):  # what an interrupted write has left in the buffer
                stdin.close()


def _failure(program: str, returncode: int | None, said: str, film: Path) -> TesseraError:
    if any(os.strerror(code) in said for code in _DISK_FULL):
        return _disk_full(film)
    if not returncode:
        how = "stopped reading before the last frame"
    elif returncode > 0:
        how = f"failed with exit code {returncode}"
    else:
        how = f"was killed by signal {-returncode}"
    lines = [re.sub(r" @ 0x[0-9a-f]+", "", line).strip() for line in said.splitlines() if line.strip()]
    words = "; ".join(lines[-4:]) or "it gave no reason, so try another one"
    return ToolError(f"{film.name}: {Path(program).name} {how}: {words}")


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Turn the operating system's refusals to write into sentences."""
    try:
        yield
    except OSError as exc:
        if exc.errno in _DISK_FULL:
            raise _disk_full(path) from exc
        raise RunError(f"{path}: can't be written ({exc.strerror}); choose another folder.") from exc


def _disk_full(path: Path) -> SpaceError:
    return SpaceError(f"{path.name}: its disk is full; free some space there and make the film again.")


def _name_and_version(program: str, flag: str) -> str:
    done = subprocess.run([program, flag], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    first_line = done.stdout.partition(b"\n")[0].decode(errors="replace")
    number = re.search(r"\d+(\.\d+)+", first_line)  # builds between releases have none
    name = Path(program).name.partition("-")[0]
    return f"{name} {number[0]}" if number else name
