"""The programs that make films: found, and asked what they can do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.errors import ToolError
from engine.film.encoders.tools import Tools, find_tools, name_and_version
from tests.doubles.films import script


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


def test_an_ffmpeg_that_is_no_program(tmp_path: Path) -> None:
    (tmp_path / "ffmpeg").write_bytes(b"\x00\x01")
    (tmp_path / "ffmpeg").chmod(0o755)
    with pytest.raises(ToolError, match=r"ffmpeg: can't be started \(Exec format error\)"):
        find_tools(str(tmp_path / "ffmpeg"))


def test_its_encoders_are_those_for_pictures(tmp_path: Path) -> None:
    table = """
Encoders:
 V..... = Video
 ------
 VF...D png                  PNG (Portable Network Graphics) image
 V....D libvpx-vp9           libvpx VP9 (codec vp9)
 A....D aac                  AAC (Advanced Audio Coding)
"""
    (tmp_path / "table").write_text(table)
    assert find_tools(script(tmp_path, f"cat {tmp_path}/table")).encoders == {"png", "libvpx-vp9"}
    assert {"libx264", "libx265", "libwebp_anim", "apng"} <= find_tools().encoders


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("ffmpeg version n7.1-4-g2a5 Copyright", "tool 7.1"),
        ("ffmpeg version N-123-gabc", "tool"),
        ("", "tool"),
    ],
)
def test_a_name_and_a_version(tmp_path: Path, said: str, name: str) -> None:
    assert name_and_version(script(tmp_path, f"echo '{said}'", "tool-linux"), "-version") == name
