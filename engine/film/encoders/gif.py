"""GIFs, by gifski where it is on PATH, else by ffmpeg."""

from __future__ import annotations

from fractions import Fraction

import ffmpeg
from PIL import Image

from engine.film.encoders.process import command, from_pipe, running, writing
from engine.film.encoders.request import EncodeRequest
from engine.film.encoders.tools import Tools, name_and_version


def write_gif(request: EncodeRequest) -> str:
    """Write a GIF that plays for ever, at the nearest rate that it can express."""
    # A GIF's delays are whole centiseconds, and browsers slow down anything shorter than two of them.
    delay = min(range(2, 101), key=lambda centiseconds: abs(Fraction(100, centiseconds) - request.fps))
    rate = Fraction(100, delay)
    return (
        _by_ffmpeg(request, rate)
        if request.tools.gifski is None
        else _by_gifski(request, rate, request.tools.gifski)
    )


def gif_needs(codec: str, tools: Tools) -> list[tuple[str, ...]]:
    """The encoders of ffmpeg without which there is no GIF."""
    return [] if tools.gifski else [("gif",), ("libx264rgb",), ("png",)]


def _by_gifski(request: EncodeRequest, rate: Fraction, gifski: str) -> str:
    # PNG files rather than a y4m pipe: exact colours, and releases before 1.32 (npm has 1.7) can't read y4m.
    # They lie on the disk, not in memory; a repeated frame is a repeated name, which lengthens its delay.
    film, names = request.film, list[str]()
    for index, (pixels, ticks) in enumerate(request.timed(rate)):
        name = f"{index:06d}.png"  # gifski sorts its arguments by number, which keeps this order
        with writing(film):
            Image.fromarray(pixels).save(film.with_name(name), compress_level=1)
        names += [name] * ticks
    if len(names) == 1:
        names *= 2  # gifski refuses a single file
    # Without a width and height gifski shrinks the film to about 800x600.
    full_size = ["--width", str(request.size[1]), "--height", str(request.size[0])]
    quality = ["--quality", str(request.manner.between(30, 90))]
    settings = ["--quiet", "--fps", f"{float(rate):.6g}", *full_size, *quality]
    with running([gifski, *settings, "--output", f"./{film.name}", *names], film):
        pass
    return name_and_version(gifski, "--version")


def _by_ffmpeg(request: EncodeRequest, rate: Fraction) -> str:
    # A palette is known only after the last frame. Palettegen and paletteuse in one graph would hold every
    # frame in memory until then (2 GB for 12 s at 1080x1080), so a lossless copy waits on the disk instead.
    # Not stats_mode=diff: it never counts the last frame's colours, and 1 dB is lost on the frames above.
    program, film = request.tools.ffmpeg, request.film
    colours = round(2 ** (5 + 3 * request.manner.quality))
    both = from_pipe(request.size, rate).split()
    kept = both[0].output("frames.nut", **{"c:v": "libx264rgb", "qp": 0, "preset": "ultrafast"})
    counted = both[1].filter("palettegen", stats_mode="full", max_colors=colours)
    graph = ffmpeg.merge_outputs(kept, counted.output("palette.png", update=1))
    with running(command(program, graph), film) as write:
        for pixels, ticks in request.timed(rate):
            write(pixels, ticks)
    # Ordered dithering stands still where the picture does; error diffusion swims, and costs its size.
    # 90 frames of 900 translucent triangles at 1080x1080, size and PSNR after a slight blur (what the eye
    # sees): none 4.0 MB 38.0 dB, bayer 5 4.4 MB 38.4 dB, bayer 4 4.7 MB 38.9 dB, bayer 3 5.4 MB 39.6 dB,
    # sierra2_4a 30 MB 42.6 dB.
    sources = [ffmpeg.input("frames.nut"), ffmpeg.input("palette.png")]
    coloured = ffmpeg.filter(sources, "paletteuse", dither="bayer", bayer_scale=4)
    with running(command(program, coloured.output(f"file:{film.name}", loop=0, format="gif")), film):
        pass
    return "ffmpeg's palette filters (gifski is not on PATH)"
