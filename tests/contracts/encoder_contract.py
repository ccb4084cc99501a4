"""What every encoder promises; a test class for a format inherits this and says how its films are decoded."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.errors import SpaceError, ToolError
from engine.film.encoders.encode import FORMATS, encode, tools_for
from engine.film.encoders.request import EncoderSettings, Frame
from engine.film.encoders.tools import Tools, find_tools
from engine.spec.models import FilmSettings
from tests.doubles.films import Shown, bars, content, plain, rmse, script
from tests.doubles.processes import cores_lent, on_cores
from tests.doubles.toy import picture

# 7 colours in squares of 16 pixels, each of which has a place of its own in 4:2:0.
COLOURS = [
    *((255, 0, 0), (0, 255, 0), (0, 0, 255), (128, 128, 128), (0, 0, 0), (255, 255, 255), (200, 60, 120)),
]


class EncoderContract:
    """`suffix`, `codec` and what `decode` gives are a format's own; so is what it can't help."""

    suffix: str
    codec = "h264"
    says = r".* by ffmpeg( [\d.]+)?"
    decode: Callable[[Path], Shown]
    size = (32, 48)  # height, width
    odd_sizes: tuple[tuple[int, int], ...] = ((67, 85), (1, 1), (3, 200))
    evens = False  # sizes are made even
    repeats = True  # a long frame comes back as many
    tells_time = True
    tolerance = 0.0  # RMSE of what comes back
    without: frozenset[str] = frozenset()  # encoders that ffmpeg is to be without

    @pytest.fixture
    def tools(self) -> Tools:
        found = find_tools()
        return replace(found, gifski=None, encoders=found.encoders - self.without)

    @pytest.fixture
    def film(self, tmp_path: Path) -> Path:
        """Where the film goes: alone in a folder, with that of yesterday."""
        path = tmp_path / "out" / f"film.{self.suffix}"
        path.parent.mkdir()
        if self.suffix == "png":
            path.mkdir()
            (path / "000001.png").write_text("the film of yesterday")
            (path / "999999.png").write_text("its last picture")
        else:
            path.write_text("the film of yesterday")
        return path

    def encode(self, frames: Iterator[Frame] | list[Frame], film: Path, fps: int, tools: Tools) -> str:
        return encode(frames, film, fps, tools, EncoderSettings(self.codec))

    def seen(self, film: Path) -> Shown:
        return type(self).decode(film)

    def even(self, length: int) -> int:
        return length + length % 2 if self.evens else length

    def test_frames_come_back_in_their_order_and_length(self, tools: Tools, film: Path) -> None:
        pictures = bars(6, *self.size)
        canvas = np.empty_like(pictures[0])

        def frames() -> Iterator[Frame]:
            # All frames are the same memory: a film that kept them for later would show the last one only.
            for number, drawn in enumerate(pictures):
                canvas[:] = drawn
                yield Frame(canvas, 0.7 if number == 5 else 0.1)

        assert re.fullmatch(self.says, self.encode(frames(), film, 20, tools))
        shown = self.seen(film)
        assert len(shown) == (24 if self.repeats else 6)
        assert {pixels.shape for pixels, _ in shown} == {(*self.size, 3)}
        ticks = [1] * 24 if self.repeats else [2, 2, 2, 2, 2, 14]
        if self.tells_time:
            assert [seconds * 20 for _, seconds in shown] == pytest.approx(ticks, abs=0.02)
        at = np.cumsum(ticks) - 1
        for (pixels, _), tick in zip(shown, at, strict=True):
            assert rmse(pixels, pictures[min(tick // 2, 5)]) <= self.tolerance
        assert [path.name for path in film.parent.iterdir()] == [film.name]

    def test_one_frame_is_a_film(self, tools: Tools, film: Path) -> None:
        self.encode([Frame(plain(77, *self.size), 0.001)], film, 30, tools)
        shown = self.seen(film)
        assert len(shown) == 1
        assert rmse(shown[0][0], np.full_like(shown[0][0], 77)) <= 0.02

    def test_odd_sizes(self, tools: Tools, film: Path) -> None:
        for height, width in self.odd_sizes:
            drawn = np.empty((height, width, 3), np.uint8)
            drawn[:] = np.linspace(30, 220, width, dtype=np.uint8)[None, :, None]
            self.encode([Frame(drawn, 0.1)], film, 10, tools)
            ((pixels, _),) = self.seen(film)
            assert pixels.shape == (self.even(height), self.even(width), 3)
            assert rmse(pixels[:height, :width], drawn) <= min(self.tolerance, 0.02)
            assert rmse(pixels[:height, -1], drawn[:, -1]) <= min(self.tolerance, 0.02), "padded by its edge"
            assert rmse(pixels[-1, :width], drawn[-1]) <= min(self.tolerance, 0.02)

    def test_colours_come_back(self, tools: Tools, film: Path) -> None:
        drawn = np.repeat(np.repeat(np.array([COLOURS], np.uint8), 64, axis=0), 16, axis=1)
        self.encode([Frame(drawn, 0.1)], film, 10, tools)
        ((pixels, _),) = self.seen(film)
        middles = pixels[16:-16, 8::16].astype(int)
        assert np.abs(middles - np.array(COLOURS)).max() <= 0.03 * 255

    def test_the_worst_quality_is_smaller_and_still_the_picture(self, tools: Tools, film: Path) -> None:
        if not FORMATS[self.suffix].fits:
            pytest.skip("this format has one quality")
        drawn = picture(96, 128)
        sizes = []
        for quality in (1, 0):
            frames = [Frame(np.roll(drawn, step, axis=1), 0.1) for step in range(3)]
            encode(frames, film, 10, tools, EncoderSettings(self.codec, quality))
            sizes.append(film.stat().st_size)
            assert rmse(self.seen(film)[0][0], drawn) < 0.1
        assert sizes[1] < 0.8 * sizes[0]

    def test_the_bytes_depend_on_the_frames_alone(
        self, tools: Tools, film: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        drawn = picture(128, 160)
        frames = [Frame(np.roll(drawn, 3 * step, axis=step % 2), 0.1) for step in range(12)]
        cores, found = cores_lent(), set()
        for lent, garbage in ((cores[:1], "85"), (cores, "170")):
            monkeypatch.setenv("MALLOC_PERTURB_", garbage)  # what is in memory that nobody has written
            with on_cores(lent):
                self.encode(frames, film, 10, tools)
            found.add(content(film))
        assert len(found) == 1

    def test_frames_that_fail_midway_leave_the_film_of_yesterday(self, tools: Tools, film: Path) -> None:
        def frames() -> Iterator[Frame]:
            yield from (Frame(drawn, 0.1) for drawn in bars(4, *self.size))
            raise RuntimeError("the snapshot is gone")

        with pytest.raises(RuntimeError, match="the snapshot is gone"):
            self.encode(frames(), film, 10, tools)
        self.assert_untouched(film)

    def test_frames_of_two_sizes_make_no_film(self, tools: Tools, film: Path) -> None:
        height, width = self.size
        frames = [Frame(plain(1, height, width), 1.0), Frame(plain(1, height, width + 2), 1.0)]
        with pytest.raises(ValueError, match=rf"frame 1 is uint8 \({height}, {width + 2}, 3\)"):
            self.encode(frames, film, 10, tools)
        self.assert_untouched(film)

    def test_a_failing_encoder_is_quoted(self, tmp_path: Path, film: Path) -> None:
        more_than_a_pipe_holds = "yes 'a line of its usual words' | head -n 3000 >&2"
        broken = "echo 'the lamp is broken' >&2; exit 3"
        fake = script(tmp_path, f"{more_than_a_pipe_holds}; cat > /dev/null; {broken}")
        message = r"film\.\w+: encoder failed with exit code 3: .*; the lamp is broken"
        with pytest.raises(ToolError, match=message):
            self.encode([Frame(plain(9, *self.size), 1.0)], film, 10, Tools(fake, None))
        self.assert_untouched(film)

    def test_an_interrupted_film_leaves_nothing(self, tmp_path: Path, film: Path) -> None:
        begun = f"echo $$ > {tmp_path}/pid; echo half > film.{self.suffix}; echo open > {tmp_path}/gate"
        fake = script(tmp_path, f"{begun}; exec sleep 1000")
        os.mkfifo(tmp_path / "gate")

        def frames() -> Iterator[Frame]:
            yield Frame(plain(9, *self.size), 0.1)
            (tmp_path / "gate").read_text()  # waits until the encoder has written half a film
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            self.encode(frames(), film, 10, Tools(fake, None))
        with pytest.raises(ProcessLookupError):
            os.kill(int((tmp_path / "pid").read_text()), 0)
        self.assert_untouched(film)

    def test_a_full_disk_is_named(self, tools: Tools, tmp_path: Path) -> None:
        disk = tmp_path / "disk"
        disk.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", disk], check=False).returncode:
            pytest.skip("only root can mount a small disk")
        grain = np.random.default_rng(0).integers(0, 256, (160, 160, 3), np.uint8)
        try:
            with pytest.raises(SpaceError, match=rf"film\.{self.suffix}: its disk is full; free some space"):
                self.encode(
                    [Frame(np.roll(grain, k), 0.1) for k in range(9)], disk / f"film.{self.suffix}", 10, tools
                )
            assert list(disk.iterdir()) == []
        finally:
            subprocess.run(["umount", "--lazy", disk], check=True)

    def test_an_ffmpeg_without_it_is_found_out_before(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))  # without gifski
        fake = script(tmp_path, "echo ' V....D mpeg4   MPEG-4 part 2'; echo ' A....D libx264   by mistake'")
        with pytest.raises(
            ToolError, match=r"encoder: makes no .*, for it was built without .*; give the path"
        ):
            tools_for(FilmSettings(format=(self.suffix,), codec=self.codec, encoder=fake))  # type: ignore[arg-type]

    def assert_untouched(self, film: Path) -> None:
        assert [path.name for path in film.parent.iterdir()] == [film.name]
        path = film / "000001.png" if self.suffix == "png" else film
        assert path.read_text() == "the film of yesterday"
