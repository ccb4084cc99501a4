"""GIFs: the contract for both encoders, their rates, and how gifski is called."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.errors import ToolError
from engine.film.encoders.encode import encode
from engine.film.encoders.request import EncoderSettings, Frame
from engine.film.encoders.tools import Tools, find_tools
from tests.contracts.encoder_contract import EncoderContract
from tests.doubles.films import animation, bars, plain, rmse, script


class TestGIFByFFmpeg(EncoderContract):
    suffix = "gif"
    decode = staticmethod(animation)
    says = r"ffmpeg's palette filters \(gifski is not on PATH\)"
    tolerance = 0.03


@pytest.mark.skipif(shutil.which("gifski") is None, reason="gifski is not on PATH")
class TestGIFByGifski(EncoderContract):
    suffix = "gif"
    decode = staticmethod(animation)
    says = r"gifski [\d.]+"
    repeats = False
    tolerance = 0.03

    @pytest.fixture
    def tools(self) -> Tools:
        return find_tools()


@pytest.mark.parametrize(
    ("fps", "delay"), [(100, 20), (60, 20), (50, 20), (30, 30), (25, 40), (12, 80), (1, 1000)]
)
def test_gif_keeps_its_speed_at_rates_it_cannot_express(tmp_path: Path, fps: int, delay: int) -> None:
    only_ffmpeg = Tools(find_tools().ffmpeg, None)
    encode([Frame(drawn, 1.2) for drawn in bars(5)], tmp_path / "a.gif", fps, only_ffmpeg)
    milliseconds = [round(seconds * 1000) for _, seconds in animation(tmp_path / "a.gif")]
    assert milliseconds[0] % delay == 0
    assert sum(milliseconds) == pytest.approx(6000, abs=delay / 2)


FAKE_GIFSKI = """
if [ "$1" = --version ]; then echo "gifski 9.8.7"; exit; fi
here="{folder}"
for argument in "$@"; do echo "$argument" >> "$here/arguments"; done
cp *.png "$here"
while [ "$1" != --output ]; do shift; done
echo GIF89a > "$2"
"""


@pytest.fixture
def gifski(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tools:
    """Tools with one that notes how it was called."""
    path = script(tmp_path, FAKE_GIFSKI.format(folder=tmp_path), "gifski")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    tools = find_tools()
    assert tools.gifski == path
    return tools


def test_gifski_gets_every_tick_in_order_at_full_size(gifski: Tools, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    pictures = bars(3, 901, 1001)
    frames = [Frame(p, s) for p, s in zip(pictures, (0.02, 0.06, 0.04), strict=True)]
    assert encode(frames, out / "a.gif", 60, gifski, EncoderSettings(quality=0.5)) == "gifski 9.8.7"
    given = (tmp_path / "arguments").read_text().split()
    wanted = {"--fps": "50", "--width": "1001", "--height": "901", "--quality": "60"}
    assert {flag: given[given.index(flag) + 1] for flag in wanted} == wanted
    shown = [name for name in given if name.endswith(".png")]
    assert shown == sorted(shown)
    for name, k in zip(shown, (0, 1, 1, 1, 2, 2), strict=True):
        with Image.open(tmp_path / name) as image:
            assert np.array_equal(np.asarray(image), pictures[k])
    assert [path.name for path in out.iterdir()] == ["a.gif"]


def test_gifski_gets_a_single_frame_twice(gifski: Tools, tmp_path: Path) -> None:
    encode([Frame(plain(9), 0.01)], tmp_path / "a.gif", 50, gifski)
    given = (tmp_path / "arguments").read_text().split()
    assert given[-2:] == ["000000.png", "000000.png"]


def test_gifski_is_quoted(tmp_path: Path) -> None:
    fake = script(tmp_path, "echo 'no such film' >&2; exit 4", "gifski")
    with pytest.raises(ToolError, match=r"a\.gif: gifski failed with exit code 4: no such film"):
        encode([Frame(plain(9), 0.1)], tmp_path / "a.gif", 50, Tools("ffmpeg", fake))


@pytest.mark.skipif(shutil.which("gifski") is None, reason="gifski is not on PATH")
@pytest.mark.parametrize(("count", "milliseconds"), [(1, 40), (5, 2080)])
def test_real_gifski(tmp_path: Path, count: int, milliseconds: int) -> None:
    pictures = bars(5, 701, 901)[:count]
    frames = [Frame(drawn, 0.02) for drawn in pictures]
    if count > 1:
        frames[-1] = Frame(pictures[-1], 2.0)
    film = tmp_path / "a.gif"
    assert re.fullmatch(r"gifski [\d.]+", encode(frames, film, 50, find_tools()))
    shown = animation(film)
    assert len(shown) == count
    assert round(sum(seconds for _, seconds in shown) * 1000) == milliseconds
    assert rmse(shown[0][0], pictures[0]) < 0.02
    assert rmse(shown[-1][0], pictures[-1]) < 0.02
