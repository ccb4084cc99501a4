import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from engine.errors import RunError, SpaceError, SpecError, ToolError
from engine.film.video import FORMATS, Frame, Tools, encode, find_tools

Pixels = npt.NDArray[np.uint8]


@pytest.fixture(scope="module")
def ffmpeg() -> str:
    return find_tools().ffmpeg


@pytest.fixture(scope="module")
def only_ffmpeg(ffmpeg: str) -> Tools:
    return Tools(ffmpeg, gifski=None)


def plain(value: int | tuple[int, int, int], height: int = 32, width: int = 48) -> Pixels:
    return np.full((height, width, 3), value, np.uint8)


def bars(count: int, height: int = 32, width: int = 48) -> list[Pixels]:
    """Pictures that a film can't confuse: a bright bar that moves over a ramp."""
    pictures = []
    for k in range(count):
        picture = np.empty((height, width, 3), np.uint8)
        picture[:] = np.linspace(20, 120, width, dtype=np.uint8)[None, :, None]
        left = k * width // count
        picture[:, left : left + width // count] = (230, 200, 40)
        pictures.append(picture)
    return pictures


def decode(ffmpeg: str, film: Path) -> Pixels:
    """Every frame of a film as it will be seen, (frames, height, width, 3)."""
    width, height = map(int, re.findall(r", (\d+)x(\d+)", describe(ffmpeg, film))[0])
    to_rgb = ["-vf", "scale=flags=accurate_rnd+full_chroma_int+full_chroma_inp", "-fps_mode", "passthrough"]
    command = [
        ffmpeg,
        "-v",
        "error",
        "-i",
        str(film),
        *to_rgb,
        "-f",
        "rawvideo",
        "-pix_fmt",
        "rgb24",
        "pipe:1",
    ]
    raw = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(-1, height, width, 3)


def describe(ffmpeg: str, film: Path) -> str:
    """What ffmpeg says about a file's first video stream and its duration."""
    said = subprocess.run([ffmpeg, "-hide_banner", "-i", film], stdin=subprocess.DEVNULL, capture_output=True)
    lines = said.stderr.decode().splitlines()
    return " ".join(line for line in lines if "Duration" in line or "Stream #" in line)


def seconds_of(ffmpeg: str, film: Path) -> float:
    found = re.search(r"Duration: (\d+):(\d+):([\d.]+)", describe(ffmpeg, film))
    assert found
    return int(found[1]) * 3600 + int(found[2]) * 60 + float(found[3])


def rmse(a: npt.NDArray[np.generic], b: npt.NDArray[np.generic]) -> float:
    return float(np.sqrt(np.mean((a.astype(float) - b.astype(float)) ** 2)) / 255)


def gif_frames(film: Path) -> tuple[list[Pixels], list[int]]:
    """A GIF's pictures and how long each is shown, in milliseconds."""
    with Image.open(film) as gif:
        assert gif.info["loop"] == 0  # forever
        pictures, delays = [], []
        for index in range(getattr(gif, "n_frames", 1)):
            gif.seek(index)
            pictures.append(np.asarray(gif.convert("RGB")))
            delays.append(int(gif.info["duration"]))
    return pictures, delays


def script(folder: Path, body: str, name: str = "encoder") -> str:
    """Write an executable that stands in for an encoder."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


# --- mp4 ---------------------------------------------------------------------------------------------------


def test_mp4_has_the_frames_in_their_order_and_length(ffmpeg: str, only_ffmpeg: Tools, out: Path) -> None:
    pictures = bars(6)
    frames = [Frame(picture, seconds) for picture, seconds in zip(pictures, [0.1] * 5 + [0.5], strict=True)]
    used = encode(frames, out / "a.mp4", 30, only_ffmpeg)
    assert re.fullmatch(r"H\.264 by ffmpeg( [\d.]+)?", used)
    seen = decode(ffmpeg, out / "a.mp4")
    assert seen.shape == (30, 32, 48, 3)
    shown = [pictures[min(k // 3, 5)] for k in range(30)]
    assert max(rmse(a, b) for a, b in zip(seen, shown, strict=True)) < 0.03
    assert seconds_of(ffmpeg, out / "a.mp4") == pytest.approx(1.0, abs=0.011)
    about = describe(ffmpeg, out / "a.mp4")
    assert "h264" in about
    assert "30 fps" in about
    assert [p.name for p in out.iterdir()] == ["a.mp4"]


@pytest.mark.parametrize("size", [(31, 47), (32, 47), (31, 48), (1, 1), (3, 200)])
def test_mp4_pads_odd_sizes_with_the_edge(
    ffmpeg: str, only_ffmpeg: Tools, out: Path, size: tuple[int, int]
) -> None:
    height, width = size
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = np.linspace(30, 220, width, dtype=np.uint8)[None, :, None]
    encode([Frame(picture, 0.1)], out / "odd.mp4", 10, only_ffmpeg)
    seen = decode(ffmpeg, out / "odd.mp4")
    assert seen.shape == (1, height + height % 2, width + width % 2, 3)
    assert rmse(seen[0, :height, :width], picture) < 0.02
    assert rmse(seen[0, :height, -1], picture[:, -1]) < 0.02
    assert rmse(seen[0, -1, :width], picture[-1]) < 0.02


def test_mp4_is_tagged_streamable_and_readable_by_others(ffmpeg: str, only_ffmpeg: Tools, out: Path) -> None:
    encode([Frame(plain(90), 1.0)], out / "a.mp4", 10, only_ffmpeg)
    assert re.search(r"yuv420p\(tv, bt709[,)]", describe(ffmpeg, out / "a.mp4"))  # not bt709/unknown/unknown
    written = (out / "a.mp4").read_bytes()
    assert 0 < written.index(b"moov") < written.index(b"mdat")
    umask = os.umask(0)
    os.umask(umask)
    assert (out / "a.mp4").stat().st_mode & 0o777 == 0o666 & ~umask


@pytest.mark.parametrize(
    "colour",
    [(255, 0, 0), (0, 255, 0), (0, 0, 255), (128, 128, 128), (0, 0, 0), (255, 255, 255), (200, 60, 120)],
)
@pytest.mark.parametrize("suffix", ["mp4", "gif"])
def test_colours_come_back(
    ffmpeg: str, only_ffmpeg: Tools, out: Path, suffix: str, colour: tuple[int, int, int]
) -> None:
    film = out / f"colour.{suffix}"
    encode([Frame(plain(colour), 0.1)], film, 10, only_ffmpeg)
    difference = np.abs(decode(ffmpeg, film)[0].astype(int) - np.array(colour)).max()
    assert difference <= 0.03 * 255


def test_rounding_does_not_accumulate(ffmpeg: str, only_ffmpeg: Tools, out: Path) -> None:
    # 0.07 s are 0.7 ticks: rounded one by one, 100 frames would take 100 ticks instead of 70.
    grey = np.linspace(0, 250, 100).astype(int)
    encode([Frame(plain(int(g)), 0.07) for g in grey], out / "a.mp4", 10, only_ffmpeg)
    seen = decode(ffmpeg, out / "a.mp4").mean((1, 2, 3))
    assert len(seen) == 70
    due = np.interp((np.arange(70) + 0.5) / 7, np.arange(100) / 10 + 0.05, grey)
    assert np.abs(seen - due).max() < 4


def test_a_frame_of_a_tick_or_more_is_always_seen(ffmpeg: str, only_ffmpeg: Tools, out: Path) -> None:
    frames = [Frame(plain(0), 0.14), Frame(plain(120), 0.1), Frame(plain(60), 0.04), Frame(plain(240), 0.32)]
    encode(frames, out / "a.mp4", 10, only_ffmpeg)
    seen = decode(ffmpeg, out / "a.mp4").mean((1, 2, 3))
    assert seen == pytest.approx([0, 120, 60, 240, 240, 240], abs=3)


def test_frames_are_taken_one_at_a_time(only_ffmpeg: Tools, out: Path) -> None:
    # Every frame is the same memory, overwritten: a film that kept frames for later would show the last only.
    canvas = plain(0)
    means = []

    def frames() -> Iterator[Frame]:
        for grey in (0, 120, 240):
            canvas[:] = grey
            yield Frame(canvas, 0.1)

    for suffix in FORMATS:
        encode(frames(), out / f"a.{suffix}", 10, only_ffmpeg)
        means.append(decode(only_ffmpeg.ffmpeg, out / f"a.{suffix}").mean((1, 2, 3)))
    assert np.abs(np.array(means) - [0, 120, 240]).max() < 3


# --- gif ---------------------------------------------------------------------------------------------------


def test_gif_by_ffmpeg(only_ffmpeg: Tools, out: Path) -> None:
    pictures = bars(5, 33, 47)
    frames = [Frame(picture, 0.1) for picture in pictures[:4]] + [Frame(pictures[4], 2.0)]
    used = encode(frames, out / "a.gif", 20, only_ffmpeg)
    assert used == "ffmpeg's palette filters (gifski is not on PATH)"
    seen, delays = gif_frames(out / "a.gif")
    assert sum(delays) == 2400
    assert seen[0].shape == (33, 47, 3)  # not padded
    assert rmse(seen[0], pictures[0]) < 0.03
    assert rmse(seen[-1], pictures[4]) < 0.03
    ends = np.cumsum(delays)
    for k in range(4):
        assert rmse(seen[int(np.searchsorted(ends, 100 * k, side="right"))], pictures[k]) < 0.03
    assert [p.name for p in out.iterdir()] == ["a.gif"]


@pytest.mark.parametrize(
    ("fps", "delay"), [(100, 20), (60, 20), (50, 20), (30, 30), (25, 40), (12, 80), (1, 1000)]
)
def test_gif_keeps_its_speed_at_rates_it_cannot_express(
    only_ffmpeg: Tools, out: Path, fps: int, delay: int
) -> None:
    encode([Frame(picture, 1.2) for picture in bars(5)], out / "a.gif", fps, only_ffmpeg)
    _, delays = gif_frames(out / "a.gif")
    assert delays[0] % delay == 0
    assert sum(delays) == pytest.approx(6000, abs=delay / 2)


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (64, 64)])
@pytest.mark.parametrize("suffix", list(FORMATS))
def test_one_frame_is_a_film(only_ffmpeg: Tools, out: Path, suffix: str, size: tuple[int, int]) -> None:
    encode([Frame(plain(77, *size), 0.001)], out / f"a.{suffix}", 30, only_ffmpeg)
    seen = decode(only_ffmpeg.ffmpeg, out / f"a.{suffix}")
    assert len(seen) == 1
    assert rmse(seen[0], np.full_like(seen[0], 77)) < 0.02


FAKE_GIFSKI = """
if [ "$1" = --version ]; then echo "gifski 9.8.7"; exit; fi
here="{folder}"
for argument in "$@"; do echo "$argument" >> "$here/arguments"; done
cp *.png "$here"
while [ "$1" != --output ]; do shift; done
echo GIF89a > "$2"
"""


def test_gifski_gets_every_tick_in_order_at_full_size(
    ffmpeg: str, tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(tmp_path, FAKE_GIFSKI.format(folder=tmp_path), "gifski")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    tools = find_tools(ffmpeg)
    assert tools == Tools(ffmpeg, str(tmp_path / "gifski"))
    pictures = bars(3, 901, 1001)
    frames = [Frame(p, s) for p, s in zip(pictures, (0.02, 0.06, 0.04), strict=True)]
    assert encode(frames, out / "a.gif", 60, tools) == "gifski 9.8.7"
    given = (tmp_path / "arguments").read_text().split()
    for flag, value in {"--fps": "50", "--width": "1001", "--height": "901"}.items():
        assert given[given.index(flag) + 1] == value
    shown = [name for name in given if name.endswith(".png")]
    assert shown == sorted(shown)
    for name, k in zip(shown, (0, 1, 1, 1, 2, 2), strict=True):
        with Image.open(tmp_path / name) as image:
            assert np.array_equal(np.asarray(image), pictures[k])
    assert [p.name for p in out.iterdir()] == ["a.gif"]


@pytest.mark.skipif(shutil.which("gifski") is None, reason="gifski is not on PATH")
@pytest.mark.parametrize(("count", "milliseconds"), [(1, 40), (5, 2080)])
def test_real_gifski(out: Path, count: int, milliseconds: int) -> None:
    pictures = bars(5, 701, 901)[:count]
    frames = [Frame(picture, 0.02) for picture in pictures]
    if count > 1:
        frames[-1] = Frame(pictures[-1], 2.0)
    assert re.fullmatch(r"gifski [\d.]+", encode(frames, out / "a.gif", 50, find_tools()))
    seen, delays = gif_frames(out / "a.gif")
    assert len(seen) == count
    assert sum(delays) == milliseconds
    assert rmse(seen[0], pictures[0]) < 0.02
    assert rmse(seen[-1], pictures[-1]) < 0.02


# --- failures ----------------------------------------------------------------------------------------------


def endless() -> Iterator[Frame]:
    while True:
        yield Frame(plain(9, 300, 300), 1.0)


@pytest.mark.parametrize("suffix", list(FORMATS))
def test_a_failing_encoder_is_quoted(tmp_path: Path, out: Path, suffix: str) -> None:
    fake = script(tmp_path, "cat > /dev/null; echo 'warming up' >&2; echo 'the lamp is broken' >&2; exit 3")
    message = r"a\.\w+: encoder failed with exit code 3: warming up; the lamp is broken"
    with pytest.raises(ToolError, match=message):
        encode([Frame(plain(9), 1.0)], out / f"a.{suffix}", 10, Tools(fake, None))
    assert list(out.iterdir()) == []


def test_an_encoder_that_dies_at_once_is_quoted(tmp_path: Path, out: Path) -> None:
    fake = script(tmp_path, "echo 'no such codec' >&2; exit 1")
    with pytest.raises(ToolError, match="encoder failed with exit code 1: no such codec"):
        encode(endless(), out / "a.mp4", 10, Tools(fake, None))
    assert list(out.iterdir()) == []


def test_an_encoder_that_talks_a_lot_does_not_block(tmp_path: Path, out: Path) -> None:
    fake = script(
        tmp_path,
        "i=0; while [ $i -lt 3000 ]; do echo 'a line of fifty characters, again and again......' >&2; "
        "i=$((i+1)); done; cat > /dev/null; echo last >&2; exit 1",
    )
    with pytest.raises(ToolError, match=r"; last$"):
        encode([Frame(plain(9), 1.0)], out / "a.mp4", 10, Tools(fake, None))


def test_an_encoder_that_stops_reading(tmp_path: Path, out: Path) -> None:
    fake = script(tmp_path, "head -c 1000 > /dev/null; exit 0")
    with pytest.raises(ToolError, match="encoder stopped reading before the last frame"):
        encode(endless(), out / "a.mp4", 10, Tools(fake, None))
    assert list(out.iterdir()) == []


def test_a_killed_encoder(tmp_path: Path, out: Path) -> None:
    fake = script(tmp_path, "kill -9 $$")
    with pytest.raises(ToolError, match="encoder was killed by signal 9"):
        encode(endless(), out / "a.mp4", 10, Tools(fake, None))


def test_an_encoder_that_writes_nothing(tmp_path: Path, out: Path) -> None:
    fake = script(tmp_path, "cat > /dev/null")
    with pytest.raises(ToolError, match=r"a\.mp4: .* wrote nothing"):
        encode([Frame(plain(9), 1.0)], out / "a.mp4", 10, Tools(fake, None))


def test_an_encoder_that_is_no_program(tmp_path: Path, out: Path) -> None:
    fake = tmp_path / "encoder"
    fake.write_bytes(b"\x00\x01")
    fake.chmod(0o755)
    with pytest.raises(ToolError, match="can't be started"):
        encode([Frame(plain(9), 1.0)], out / "a.mp4", 10, Tools(str(fake), None))
    assert list(out.iterdir()) == []


def test_a_full_disk_is_named(tmp_path: Path, out: Path) -> None:
    fake = script(tmp_path, "echo 'film.mp4: No space left on device' >&2; exit 228")
    with pytest.raises(SpaceError, match=r"a\.mp4: its disk is full"):
        encode(endless(), out / "a.mp4", 10, Tools(fake, None))


@pytest.mark.parametrize("error", [OSError("the snapshot is gone"), BrokenPipeError(), KeyboardInterrupt()])
@pytest.mark.parametrize("suffix", list(FORMATS))
def test_an_interrupted_film_leaves_nothing(
    tmp_path: Path, out: Path, suffix: str, error: BaseException
) -> None:
    fake = script(
        tmp_path,
        f"echo $$ > {tmp_path}/pid; echo half > a.{suffix}; echo open > {tmp_path}/gate; exec sleep 1000",
    )
    os.mkfifo(tmp_path / "gate")
    (out / f"a.{suffix}").write_text("the film of yesterday")

    def frames() -> Iterator[Frame]:
        yield Frame(plain(9), 1.0)
        (tmp_path / "gate").read_text()  # waits until the encoder has written half a film
        raise error

    with pytest.raises(type(error)) as caught:
        encode(frames(), out / f"a.{suffix}", 10, Tools(fake, None))
    assert caught.value is error
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)
    assert [p.name for p in out.iterdir()] == [f"a.{suffix}"]
    assert (out / f"a.{suffix}").read_text() == "the film of yesterday"


def test_a_generator_that_fails_midway_with_the_real_encoder(only_ffmpeg: Tools, out: Path) -> None:
    def frames() -> Iterator[Frame]:
        yield from (Frame(picture, 0.1) for picture in bars(4))
        raise RuntimeError("the snapshot is gone")

    for suffix in FORMATS:
        with pytest.raises(RuntimeError, match="the snapshot is gone"):
            encode(frames(), out / f"a.{suffix}", 10, only_ffmpeg)
    assert list(out.iterdir()) == []


def test_a_film_replaces_the_one_before(only_ffmpeg: Tools, out: Path) -> None:
    (out / "a.mp4").write_text("the film of yesterday")
    encode([Frame(plain(9), 1.0)], out / "a.mp4", 10, only_ffmpeg)
    assert len(decode(only_ffmpeg.ffmpeg, out / "a.mp4")) == 10


@pytest.mark.parametrize(
    ("frames", "message"),
    [
        ([], "at least one frame"),
        ([Frame(plain(1, 4, 4), 1.0), Frame(plain(1, 4, 6), 1.0)], r"frame 1 is uint8 \(4, 6, 3\)"),
        ([Frame(plain(1, 4, 4).astype(float), 1.0)], "frame 0 is float64"),
        ([Frame(plain(1), 1.0), Frame(plain(1), float("nan"))], "frame 1 is shown for nan seconds"),
        ([Frame(plain(1), -1.0)], "frame 0 is shown for -1.0 seconds"),
    ],
)
@pytest.mark.parametrize("suffix", list(FORMATS))
def test_frames_that_make_no_film(
    only_ffmpeg: Tools, out: Path, suffix: str, frames: list[Frame], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        encode(frames, out / f"a.{suffix}", 10, only_ffmpeg)
    assert list(out.iterdir()) == []


def test_an_unknown_format_is_refused(only_ffmpeg: Tools, out: Path) -> None:
    with pytest.raises(SpecError, match=r"a\.avi: not a film format that I can write \(mp4, gif\)"):
        encode([Frame(plain(1), 1.0)], out / "a.avi", 10, only_ffmpeg)


def test_a_missing_folder_is_named(only_ffmpeg: Tools, out: Path) -> None:
    with pytest.raises(RunError, match="can't be written"):
        encode([Frame(plain(1), 1.0)], out / "nowhere" / "a.mp4", 10, only_ffmpeg)


# --- tools -------------------------------------------------------------------------------------------------


def test_the_user_chooses_an_ffmpeg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = script(tmp_path, "exit 0", "myffmpeg")
    assert find_tools(mine).ffmpeg == mine
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_tools("myffmpeg") == Tools(mine, None)
    monkeypatch.chdir(tmp_path)
    assert find_tools("./myffmpeg").ffmpeg == mine


def test_an_ffmpeg_that_is_not_there_or_not_executable(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("hello")
    for wanted in (str(tmp_path / "absent"), str(tmp_path / "text"), str(tmp_path), "no-such-ffmpeg"):
        with pytest.raises(ToolError, match=re.escape(f"{wanted}: no such program")):
            find_tools(wanted)
