"""The documents show the commands that made their pictures; making them takes minutes, and is no test."""

import re
import shlex
from pathlib import Path

import pytest

from scripts.gallery import COMMANDS, NETS, ROOT

SHAPES_PAGE = (ROOT / "docs/shapes.md").read_text().split("\n## ")[0]
NETS_PAGE = (ROOT / "docs/nets.md").read_text()


def said(section):
    commands = re.findall(r"^tessera render (.+?) +# [0-9]+$", section, re.MULTILINE)
    return [shlex.split(command) for command in commands]


def test_the_looks_of_the_documents_are_those_of_the_gallery():
    looks = [command for name, command in COMMANDS.items() if name.startswith("look-")]
    assert said(SHAPES_PAGE) == [shlex.split(command) for command in looks]
    assert said(NETS_PAGE) == [shlex.split(command) for command in NETS.values()]


def test_the_shapes_of_the_documents_are_those_of_the_gallery():
    assert f"`tessera render {COMMANDS['shape-circle']}`" in SHAPES_PAGE
    shapes = [name.removeprefix("shape-") for name in COMMANDS if name.startswith("shape-")]
    assert sorted(re.findall(r"`([a-z-]+)` (?=\|)", SHAPES_PAGE)) == sorted(shapes)


@pytest.mark.parametrize("name", COMMANDS | NETS)
def test_every_picture_is_in_the_documents(name):
    picture = f"outputs/gallery/{name}.png"
    assert f"](../{picture})" in (NETS_PAGE if name in NETS else SHAPES_PAGE)
    assert Path(ROOT, picture).is_file()
