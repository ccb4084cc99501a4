"""What files of a painting are called when they are taken home."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from engine.web.kinds import KINDS, PICTURE, disposition, download_name, longest_side


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("astronaut", "astronaut-portrait-2000.png"),
        ("My photo (1).JPG", "My-photo-1-portrait-2000.png"),
        ("../../etc/passwd", "etc-passwd-portrait-2000.png"),
        ('a"; filename=evil.exe', "a-filename-evil-portrait-2000.png"),
        ("…", "painting-portrait-2000.png"),
        ("Übermut", "Übermut-portrait-2000.png"),
    ],
)
def test_a_file_is_called_by_what_it_shows(name, wanted):
    assert download_name(name, "portrait", KINDS["result.png"], 2000) == wanted


def test_a_picture_is_called_so():
    assert download_name("con.jpg", "portrait", KINDS[PICTURE]) == "con-picture.png"


def test_a_name_is_told_in_ascii_and_as_it_is():
    assert disposition("cat.png", True) == 'attachment; filename="cat.png"'
    told = disposition("Übermut 猫.png".replace(" ", "-"), False)
    assert told == "inline; filename=\"Ubermut.png\"; filename*=UTF-8''%C3%9Cbermut-%E7%8C%AB.png"
    assert disposition("猫.svg", True).startswith('attachment; filename="painting.svg"; ')


@given(st.text(), st.sampled_from(sorted(KINDS)))
def test_no_name_leads_anywhere_or_breaks_a_header(name, file):
    called = download_name(name, "portrait", KINDS[file])
    assert not re.search(r'[/\\:*?"<>|\s\x00-\x1f]', called)
    assert not called.startswith((".", "-"))
    assert called.endswith(KINDS[file].suffix)
    assert len(called) < 120
    told = disposition(called, True)
    assert told.isascii()
    assert told.isprintable()
    if "filename*" in told:
        assert unquote(told.partition("UTF-8''")[2]) == called


def test_a_pictures_size_is_read_from_its_first_bytes(tmp_path):
    Image.new("RGB", (30, 70)).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"\x89PNG")
    assert longest_side(tmp_path / "a.png") == 70
    assert longest_side(tmp_path / "b.png") == longest_side(tmp_path / "c.png") == 0
