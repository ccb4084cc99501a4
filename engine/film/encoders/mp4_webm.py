"""Films in MP4 and WebM, by the video codecs of ffmpeg."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import ffmpeg
import numpy as np
from PIL import Image

from engine.errors import SpecError
from engine.film.encoders.process import Node, command, from_pipe, running, writing
from engine.film.encoders.request import EncodeRequest
from engine.film.encoders.tools import Tools, name_and_version

# Without the flags swscale rounds RGB coarsely and loses chroma between pixels (.15 dB in all).
# The frames must be tagged as well as converted: a player assumes BT.601 for small untagged films.
SCALE = {
    "out_color_matrix": "bt709",
    "out_range": "tv",
    "flags": "bicubic+accurate_rnd+full_chroma_int+full_chroma_inp",
}
BT709 = {"range": "tv", "colorspace": "bt709", "color_primaries": "bt709", "color_trc": "bt709"}
# No keyframes but those that are asked for.
ONE_GROUP = {"g": 1_000_000}
QUIET_X265 = "log-level=error:info=0:scenecut=0"  # info: 2 kB about itself in every film
# What threads share out is seen in the bytes, so there are as many on any machine, whatever its cores.
X265_THREADS = ":frame-threads=3"
X264_THREADS = {"threads:v:0": 6}
VPX_THREADS = {"threads:v:0": 8, "row-mt": 1}
NO_CUTS = {**ONE_GROUP, "keyint_min": 1_000_000, "sc_threshold": 0, "forced-idr": 1}
SEEK = 2  # seconds from one keyframe to the next, at most
COVER = 640  # pixels of a cover's longest side


@dataclass(frozen=True)
class Encoder:
    """One of ffmpeg's encoders; best and worst: its constant rate factor for the qualities 1 and 0."""

    name: str
    best: int
    worst: int
    options: Mapping[str, str | int]
    smallest: int = 2  # pixels of a side, even; of smaller ones it corrupts its memory, and may crash


@dataclass(frozen=True)
class Codec:
    """A way to compress moving pictures, and the encoders for it, the one that we prefer first."""

    name: str
    encoders: tuple[Encoder, ...]


# x264, 90 frames of 900 translucent triangles at 1080x1080, CRF 18, two cores (4:2:0 alone allows 42.9 dB):
#   veryfast  1.5 s of processor time, 1.15 MB, 39.8 dB
#   fast      2.9 s,                   1.20 MB, 40.5 dB
#   medium    3.4 s,                   1.20 MB, 40.6 dB
# A film of 12 s has 720 frames, so fast would add some 7 s to a demo of 20 s for a gain nobody sees.
# The others are set to look as good as it does; docs/films.md has their figures.
CODECS = {
    "h264": Codec("H.264", (Encoder("libx264", 18, 38, {"preset": "veryfast", **X264_THREADS, **NO_CUTS}),)),
    "h265": Codec(
        "H.265",
        (
            Encoder(
                "libx265", 23, 40,
                # QuickTime plays nothing that is tagged hev1, ffmpeg's default.
                {"preset": "fast", **NO_CUTS, "tag:v:0": "hvc1", "x265-params": QUIET_X265 + X265_THREADS},
                smallest=64,
            ),
        ),
    ),
    "av1": Codec(
        "AV1",
        (
            Encoder("libsvtav1", 42, 63, {"preset": 8, **ONE_GROUP}, smallest=64),
            Encoder("libaom-av1", 32, 60, {"b:v": 0, "cpu-used": 8, **VPX_THREADS, **ONE_GROUP}),
        ),
    ),
    "vp9": Codec(
        "VP9",
        (
            Encoder(
                "libvpx-vp9", 32, 60,
                {"b:v": 0, "deadline": "realtime", "cpu-used": 5, **VPX_THREADS, **ONE_GROUP},
            ),
        ),
    ),
}  # fmt: skip


def write_mp4(request: EncodeRequest) -> str:
    """Write an MP4 in the codec that is asked for, which starts to play while it is loaded."""
    container = {"movflags": "+faststart", "format": "mp4"}
    if request.manner.cover is None:
        return _write(request, CODECS[request.manner.codec], container)
    cover = Image.fromarray(request.manner.cover)
    cover.thumbnail((COVER, COVER))
    with writing(request.film):
        cover.save(request.film.with_name("cover.jpg"), quality=85)
    beside = {"c:v:1": "copy", "disposition:v:1": "attached_pic"}
    return _write(
        request, CODECS[request.manner.codec], {**beside, **container}, [ffmpeg.input("file:cover.jpg")["v"]]
    )


def write_webm(request: EncodeRequest) -> str:
    """Write a WebM in VP9."""
    # bitexact: its numbers for the file and the track are drawn at random otherwise.
    return _write(request, CODECS["vp9"], {"fflags": "+bitexact", "format": "webm"})


def mp4_needs(codec: str, tools: Tools) -> list[tuple[str, ...]]:
    """The encoders of ffmpeg of which one is needed."""
    return [tuple(encoder.name for encoder in CODECS[codec].encoders)]


def keyframes(fps: int, still: Sequence[int]) -> str:
    """An expression of ffmpeg's: the first frame, where a picture begins to stay, and every SEEK seconds."""
    asked = "".join(f"+eq(n,{frame})" for frame in still)
    return f"expr:isnan(prev_forced_n)+gte(n-prev_forced_n,{SEEK * fps}){asked}"


def _write(
    request: EncodeRequest, codec: Codec, container: Mapping[str, str], more: Sequence[Node] = ()
) -> str:
    """container: its options. more: streams beside the film's."""
    height, width = request.size
    edge = (height % 2, width % 2)  # 4:2:0 chroma needs even sizes
    encoder = _choose(request, codec, min(height + edge[0], width + edge[1]))
    rate, crf = Fraction(request.fps), request.manner.between(encoder.worst, encoder.best)
    frames = from_pipe((height + edge[0], width + edge[1]), rate)
    video = frames.filter("scale", **SCALE).filter("format", "yuv420p").filter("setparams", **BT709)
    options = {
        "c:v:0": encoder.name,
        "crf:v:0": crf,
        "force_key_frames:v:0": keyframes(request.fps, request.manner.still),
        **encoder.options,
        **container,
    }
    graph = ffmpeg.output(video, *more, f"file:{request.film.name}", **options)
    with running(command(request.tools.ffmpeg, graph), request.film) as write:
        for pixels, ticks in request.timed(rate):
            even = np.pad(pixels, ((0, edge[0]), (0, edge[1]), (0, 0)), mode="edge") if any(edge) else pixels
            write(even, ticks)
    return f"{codec.name} by {name_and_version(request.tools.ffmpeg, '-version')}"


def _choose(request: EncodeRequest, codec: Codec, side: int) -> Encoder:
    """The first encoder that is at hand and takes a picture with this shorter side."""
    at_hand = [each for each in codec.encoders if each.name in request.tools.encoders] or codec.encoders
    for encoder in at_hand:
        if side >= encoder.smallest:
            return encoder
    raise SpecError(
        f"{request.film.name}: {codec.name} wants at least {encoder.smallest} px on each side, not "
        f"{request.size[1]} x {request.size[0]}; give it a larger film.size, or choose another film.codec."
    )
