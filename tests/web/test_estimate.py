"""What jobs cost, as it is told before they are accepted, beside what was measured."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("fastapi", reason="needs the extra web")

from engine.painters.registry import PAINTERS, params_of
from engine.spec.models import PainterSettings
from engine.web.estimate import BEGINNING, check_cost, cost, film_cost
from engine.web.options import Limits
from engine.web.refused import Refused
from engine.web.wanted import wanted

NOBODY = {"XDG_CONFIG_HOME": "/nowhere"}
WIDE = Limits(size=20_000, effort=1000, count=1_000_000, film_seconds=10_000, film_size=4000)


def spec_of(**given):
    return wanted(given, WIDE, NOBODY).spec


# Processor seconds inside jobs of runs of a photograph of 512 px, on a machine that did other work, too.
MEASURED = [
    (0.73, {"size": 256, "count": 200}),
    (2.27, {"size": 512, "count": 200, "effort": 1.4}),
    (1.70, {"size": 512, "count": 800, "effort": 0.6}),
    (6.75, {"size": 512, "count": 4000}),
    (2.31, {"size": 512, "count": 800, "effort": 0.6, "shape": "circle"}),
    (3.31, {"size": 512, "count": 800, "effort": 0.6, "shape": "bezier"}),
    (4.74, {"size": 512, "count": 800, "effort": 0.6, "shape": "polygon:16"}),
    (2.30, {"size": 512, "count": 800, "effort": 0.6, "search": "dual"}),
    (7.6, {"size": 64, "count": 12_000, "effort": 0.1}),
    (3.0, {"size": 32, "count": 12_000, "effort": 0.02}),
    (1.0, {"size": 8, "count": 12_000, "effort": 0.005}),
    (1.55, {"size": 64, "count": 2000, "effort": 0.3}),
    (1.1, {"size": 256, "count": 12_000, "effort": 0.05}),
    (0.31, {"painter": "gng", "count": 2000, "effort": 0.5}),
    (0.93, {"painter": "gng", "count": 8000, "effort": 0.5}),
    (0.42, {"painter": "gng", "count": 2000, "effort": 2}),
    (0.59, {"painter": "gng", "count": 2000, "effort": 0.5, "look": "layers"}),
    (0.88, {"painter": "curves", "size": 256, "count": 200, "effort": 0.6}),
    (2.37, {"painter": "curves", "count": 200, "effort": 0.6}),
    (4.13, {"painter": "curves", "count": 800, "effort": 0.6, "width": "1-6"}),
    (3.86, {"painter": "curves", "count": 800, "effort": 0.6, "curves": 3}),
    (1.76, {"painter": "brush", "size": 256}),
    (0.67, {"painter": "brush", "size": 256, "count": 200}),
    (4.09, {"painter": "brush", "count": 1000}),
    (2.86, {"painter": "brush", "count": 1000, "effort": 0.2}),
    (6.76, {"painter": "brush", "effort": 0.5}),
    (8.15, {"painter": "brush"}),
]


@pytest.mark.parametrize(("seconds", "given"), MEASURED)
def test_a_cost_is_within_twice_of_what_was_measured(seconds, given):
    found = cost(spec_of(**given), 512, 512) - BEGINNING
    assert (seconds - 0.3) / 2 < found < 2 * seconds + 0.6


@given(
    st.sampled_from(sorted(PAINTERS)),
    st.integers(1, 100_000),
    st.floats(0.01, 100),
    st.integers(64, 2000),
    st.integers(1, 3000),
    st.integers(1, 3000),
)
def test_more_of_anything_costs_more(painter, count, effort, size, width, height):
    given_settings = {"painter": painter, "count": count, "effort": effort, "size": size}
    if painter == "curves":
        given_settings["length"] = 32  # which is longer of fewer strokes
    plain = cost(spec_of(**given_settings), width, height)
    assert plain > BEGINNING
    assert cost(spec_of(**{**given_settings, "count": 2 * count}), width, height) > plain
    assert cost(spec_of(**{**given_settings, "effort": 2 * effort}), width, height) > plain
    if painter != "polygons":  # which lie on top of each other where there is little room
        assert cost(spec_of(**{**given_settings, "size": 2 * size}), width, height) >= plain
    assert cost(spec_of(**given_settings), height, width) == pytest.approx(plain)


def test_more_pixels_cost_more_where_shapes_have_room():
    costs = [cost(spec_of(count=1000, size=size), 2000, 1500) for size in (256, 512, 1024, 2000)]
    assert costs == sorted(costs)


def test_a_film_costs_what_its_pixels_do():
    film = spec_of().film
    twice = film.model_copy(update={"duration": 2 * film.duration})
    once = film_cost(film, 1.5) - film_cost(film.model_copy(update={"duration": 0.0}), 1.5)
    assert film_cost(twice, 1.5) == pytest.approx(film_cost(film, 1.5) + once)
    assert film_cost(film, 1.0) > film_cost(film, 1.5) == film_cost(film, 1 / 1.5)
    tall = film.model_copy(update={"aspect": "9:16"})
    assert film_cost(tall, 1.5) == film_cost(tall, 3.0)
    assert 10 < film_cost(film, 1.0) < 31  # 15.7 were measured, of the default


def test_what_costs_too_much_is_refused_with_what_to_lower():
    spec = spec_of(count=100_000, effort=50, size=2000)
    with pytest.raises(
        Refused, match="of a processor, and 10 minutes are allowed; lower effort, count or size"
    ) as found:
        check_cost(cost(spec, 2000, 2000), Limits(), spec)
    assert found.value.status == 422
    spec = wanted({"film.duration": "1000s", "film.size": 2000}, WIDE, NOBODY).spec
    with pytest.raises(Refused, match=r"lower film\.duration, film\.fps or film\.size"):
        check_cost(cost(spec, 2000, 2000), Limits(), spec)
    check_cost(600.0, Limits(), spec_of())


def test_a_network_takes_its_time():
    params = params_of("curves")(objective="features=1,picture=2", count=200)
    spec = spec_of(painter="curves", size=256, effort=0.2)
    seen = spec.model_copy(update={"painter": PainterSettings(name="curves", params=params)})
    assert 1.2 < cost(seen, 512, 512) - BEGINNING < 4.6  # 2.3 were measured


def test_what_visitors_may_ask_for_by_itself_is_not_too_much():
    for painter in PAINTERS:
        spec = wanted({"painter": painter, "effort": Limits().effort}, Limits(), NOBODY).spec
        check_cost(cost(spec, 2048, 2048), Limits(), spec)
