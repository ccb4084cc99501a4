"""An encoder as a child process: what may go wrong with it, in words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import SpaceError, ToolError
from engine.film.encoders.encode import encode
from engine.film.encoders.request import Frame
from engine.film.encoders.tools import Tools
from tests.doubles.films import plain, script


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def endless() -> Iterator[Frame]:
    while True:
        yield Frame(plain(9, 300, 300), 1.0)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("echo 'no such codec' >&2; exit 1", "encoder failed with exit code 1: no such codec"),
        ("head -c 1000 > /dev/null; exit 0", "encoder stopped reading before the last frame"),
        ("kill -9 $$", "encoder was killed by signal 9: it gave no reason"),
        ("exec < /dev/null; exec sleep 0.1", "encoder stopped reading"),
    ],
)
def test_an_encoder_that_ends_too_early(tmp_path: Path, out: Path, body: str, message: str) -> None:
    with pytest.raises(ToolError, match=message):
        encode(endless(), out / "a.mp4", 10, Tools(script(tmp_path, body), None))
    assert list(out.iterdir()) == []


def test_its_last_words_count_without_addresses(tmp_path: Path, out: Path) -> None:
    words = "\n".join([f"echo 'line {number}' >&2" for number in range(9)])
    fake = script(tmp_path, f"{words}\necho '[libx @ 0x55b97090ec40] bad' >&2; cat > /dev/null; exit 1")
    with pytest.raises(ToolError, match=r"exit code 1: line 6; line 7; line 8; \[libx\] bad$"):
        encode([Frame(plain(9), 1.0)], out / "a.mp4", 10, Tools(fake, None))


def test_an_encoder_that_writes_nothing(tmp_path: Path, out: Path) -> None:
    fake = script(tmp_path, "cat > /dev/null")
    for suffix in ("mp4", "png", "webp", "apng"):
        with pytest.raises(ToolError, match=rf"^a\.{suffix}: its encoder .* wrote nothing"):
            encode([Frame(plain(9), 1.0)], out / f"a.{suffix}", 10, Tools(fake, None))
    assert list(out.iterdir()) == []


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
