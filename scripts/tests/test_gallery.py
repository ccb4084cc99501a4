"""The README shows the commands that made its pictures; making them takes minutes, and is no test."""

import re
import shlex
from pathlib import Path

import pytest

from scripts.gallery import COMMANDS, NETS, ROOT

README = (ROOT / "README.md").read_text()
SECTION = README.split("## Shapes and looks\n")[1].split("\n## ")[0]
NETS_SECTION = README.split("## Nets, dots and pen lines\n")[1].split("\n## ")[0]


def said(section):
    commands = re.findall(r"^tessera render (.+?) +# [0-9]+$", section, re.MULTILINE)
    return [shlex.split(command) for command in commands]


def test_the_looks_of_the_readme_are_those_of_the_gallery():
    looks = [command for name, command in COMMANDS.items() if name.startswith("look-")]
    assert said(SECTION) == [shlex.split(command) for command in looks]
    assert said(NETS_SECTION) == [shlex.split(command) for command in NETS.values()]


def test_the_shapes_of_the_readme_are_those_of_the_gallery():
    assert f"`tessera render {COMMANDS['shape-circle']}`" in SECTION
    shapes = [name.removeprefix("shape-") for name in COMMANDS if name.startswith("shape-")]
    assert sorted(re.findall(r"`([a-z-]+)` (?=\|)", SECTION)) == sorted(shapes)


@pytest.mark.parametrize("name", COMMANDS | NETS)
def test_every_picture_is_in_the_readme(name):
    picture = f"outputs/gallery/{name}.png"
    assert f"]({picture})" in (NETS_SECTION if name in NETS else SECTION)
    assert Path(ROOT, picture).is_file()
