import pytest

from engine.spec.colours import hex_of, listed, names
from tests.conftest import refused


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("#FFCC00", "#ffcc00"),
        ("#fc0", "#ffcc00"),
        ("Tomato", "#ff6347"),
        (" navy ", "#000080"),
        ("rebeccapurple", "#663399"),
    ],
)
def test_a_colour_has_one_form(text, stored):
    assert hex_of(text) == stored


@pytest.mark.parametrize("text", ["", "#ff", "#ffff", "#ggg", "ffcc00", "rgb(1,2,3)", "colourful"])
def test_what_is_no_colour_is_refused(text):
    with pytest.raises(ValueError, match="no colour"):
        hex_of(text)


def test_every_name_is_a_colour_in_its_stored_form():
    assert len(names()) >= 140
    assert all(hex_of(value) == value for value in names().values())


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("black,#fc0", ["#000000", "#ffcc00"]),
        ("red", ["#ff0000"]),
        (["White", " #ABC "], ["#ffffff", "#aabbcc"]),
        ("auto", "auto"),
        ("None", "none"),
        ("6", "6"),
        (6, 6),
        ("redd", ["redd"]),
    ],
)
def test_lists_of_them(value, found):
    assert listed(value) == found


@pytest.mark.parametrize(
    ("flags", "line"),
    [
        (["--background", "Ivory"], "background: '#fffff0'"),
        (["--background", "white"], "background: white"),
        (["--background", "#123"], "background: '#112233'"),
        (["--palette", "black,tomato"], "palette: ['#000000', '#ff6347']"),
        (["--palette", "6"], "palette: 6"),
        (["--set", "painter.inks=orange,navy", "--painter", "gng"], "inks: ['#ffa500', '#000080']"),
        (["--set", "export.pens=black,red"], "pens: ['#000000', '#ff0000']"),
    ],
)
def test_so_it_is_everywhere(tessera, flags, line):
    done = tessera("spec", "astronaut", *flags)
    assert (done.returncode, done.stderr) == (0, "")
    assert any(each.strip().startswith(line) for each in done.stdout.splitlines())


def test_it_is_told_what_can_be():
    assert "navy" in refused("spec", "astronaut", "--background", "12")
