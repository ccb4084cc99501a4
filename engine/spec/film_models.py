"""The settings of what is made of a finished picture to be looked at: its film, and animations."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from engine.spec.fields import (
    FROZEN,
    PIXELS,
    Aspect,
    Bytes,
    Dedup,
    Duration,
    DurationOrZero,
    Formats,
    Location,
)


class FilmSettings(BaseModel):
    """The evolution video; size is its longest side in pixels, intro and hold are parts of the duration."""

    model_config = FROZEN
    enabled: bool = Field(default=True, description="whether a film is made at all")
    size: int = Field(
        default=1080, ge=16, le=7680, description="longest side in pixels", json_schema_extra=PIXELS
    )
    fps: int = Field(
        default=60, ge=1, le=120, description="frames a second, where the format shows that many"
    )
    duration: Duration = Field(
        default=12.0,
        description="a film lasts exactly as long, however many snapshots there are: duration x fps frames "
        "(a million at most)",
    )
    intro: DurationOrZero = Field(
        default=0.0,
        description="how long the first picture stays, a part of the duration; intro and hold are half of "
        "it together at most",
    )
    intro_shows: Literal["target", "blank"] = Field(
        default="target", description="what the first picture is: the target, or the blank canvas"
    )
    hold: DurationOrZero = Field(
        default=2.0, description="how long the last picture stays, a part of the duration"
    )
    dedup: Dedup = Field(
        default="exact",
        description="which snapshots are the same as the one before: those that are equal, or by hashes or "
        "the mean squared error. In `time` and `log-time` the one before stays longer, else the same one is "
        "left out; the disk keeps all",
    )
    pacing: Literal["perceived", "even", "shapes", "log-shapes", "decay", "time", "log-time", "all"] = Field(
        default="perceived",
        description="`perceived`: equal steps to the eye, measured: a quarter of the time for masses of "
        "colour, half for the form, a quarter for edges; `even`: equal RMSE from frame to frame, measured; "
        "`shapes`, `log-shapes`: as many new shapes in each frame, or equal ratios of their number; `decay`: "
        "as in the blog post that Tessera began with, the snapshots in sqrt(n) chunks, the k-th loses k; "
        "`time`, `log-time`: by the time that they were painted at, or by its logarithm, from the first "
        "painted pixels on; `all`: each snapshot equally long",
    )
    play: Literal["forward", "reverse", "boomerang"] = Field(
        default="forward", description="`reverse`: backwards; `boomerang`: there and back again"
    )
    compare: Literal["none", "beside", "wipe"] = Field(
        default="none", description="the target `beside` the painting, or as a `wipe` over the last picture"
    )
    poster: Literal["result", "first"] = Field(
        default="result",
        description="what a still picture of the film is: the `result`, which is then its first frame (one, "
        "taken from the hold, in films that begin with the canvas and end with the hold) and an MP4's cover; "
        "or what is there at `first`",
    )
    aspect: Aspect = Field(
        default="picture", description="width to height of the film: the picture's, or one to post it"
    )
    fit: Literal["pad", "crop", "blur"] = Field(
        default="pad",
        description="how the picture fits into another aspect: with its background around it, cut off on "
        "two sides, or before a blurred copy of itself",
    )
    strokes: Literal["draw", "appear"] = Field(
        default="draw",
        description="of brush: whether a stroke is drawn along its path, as by a hand, or appears as a whole",
    )
    caption: bool = Field(
        default=False, description="whether shapes, error, time and evaluations are written below the picture"
    )
    grid: bool = Field(
        default=False, description="whether the tiles are shown, and the one that was worked on"
    )
    format: Formats = Field(
        default=("mp4",),
        description="one or several. `mp4`: plays everywhere; `webm`: VP9, for the web; `gif`: for mails and "
        "chats; `webp`: animated; `apng`: animated, lossless; `png`: a folder of numbered pictures, for "
        "other programs; `svg`: a drawing whose shapes appear in their order, evenly, after a blank intro",
    )
    codec: Literal["h264", "h265", "av1"] = Field(
        default="h264", description="of MP4: `h265` and `av1` are smaller, and not played everywhere"
    )
    max_bytes: Bytes | None = Field(
        default=None, description="how large an MP4, WebM, GIF or WebP may be; null: as large as it gets"
    )
    encoder: Location | None = Field(
        default=None, description="another ffmpeg; null: the one that is installed with Tessera"
    )


class AnimationSettings(BaseModel):
    """What the shapes of a finished picture do in a film; to: another run, of a morph."""

    model_config = FROZEN
    effect: Literal["assemble", "explode", "draw-on", "breathe", "morph"] = Field(
        default="assemble",
        description="`assemble`: the shapes fly in; `explode`: they burst, and fall; `draw-on`: each grows "
        "in its place; `breathe`: they drift a little, in a loop; `morph`: they become those of another "
        "picture",
    )
    order: Literal["birth", "size"] = Field(
        default="birth", description="whose turn it is first: as they were painted, or the largest"
    )
    seed: int = Field(default=0, ge=0, le=2**63 - 1, description="another seed, other paths")
    to: Location | None = Field(default=None, description="the run that a `morph` ends with")
