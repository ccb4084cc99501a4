"""Names with gaps: what fills them, and what nothing fills."""

from datetime import date

import pytest

from engine.errors import SpecError
from engine.painters.registry import params_of
from engine.spec.resolution import resolve
from engine.spec.settings import from_keywords
from engine.spec.templates import GAPS, filled, has_gaps, literal


def spec(**settings):
    return resolve([from_keywords({"target": "photos/my {cat}.jpg", "seed": 3, **settings})], params_of)


@pytest.mark.parametrize(
    ("template", "settings", "name"),
    [
        ("plain.png", {}, "plain.png"),
        ("{name}-{painter}-{seed:03}.png", {}, "my {cat}-polygons-003.png"),
        ("{shape}-{count:05}", {"shape": "polygon:5=2,ellipse=1", "count": 80}, "polygon-5-2-ellipse-00080"),
        ("{shape}", {"painter": "gng", "look": "stipple"}, "stipple"),
        ("{{{n}}}", {}, "{7}"),
        ("{date}", {}, date.today().isoformat()),
    ],
)
def test_gaps_are_filled(template, settings, name):
    assert filled(template, spec(**settings), number=7) == name


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{nmae}", "'{nmae}': nothing fills {nmae}; there are {name}, {painter}, "),
        ("{}", "'{}': nothing fills {}; "),
        ("{n!r}", "nothing fills {n}"),
        ("{name.suffix}", "nothing fills {name.suffix}"),
        ("{n:x}", "{n:x} must be digits of a number, such as {n:03}."),
        ("{n:999}", "{n:999} must be digits"),
        ("{name:03}", "{name:03} must be digits of a number"),
        ("{name", "'{name' has a brace without its other one"),
        ("name}", "has a brace without its other one"),
    ],
)
def test_what_nothing_fills_is_refused(template, said):
    with pytest.raises(SpecError) as caught:
        filled(template, spec())
    assert said in str(caught.value)


def test_n_is_the_first_number_that_is_free():
    assert filled("a-{n:02}", spec(), is_taken=lambda name: name in ("a-01", "a-02", "a-04")) == "a-03"
    assert filled("a-{n}", spec()) == "a-1"


def test_a_name_as_it_is_has_no_gaps():
    name = "a{n}{{b}}.png"
    assert filled(literal(name), spec()) == name
    assert not has_gaps(literal(name))
    assert all(has_gaps(f"x{{{gap}}}") for gap in GAPS)
