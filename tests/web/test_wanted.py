"""What visitors may set: a whitelist, of which a new setting is no part."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("fastapi", reason="needs the extra web")

from engine.errors import SpecError
from engine.painters.registry import PAINTERS, params_of
from engine.spec.models import NotifySettings, RunSpec
from engine.spec.presets import presets
from engine.spec.resolution import resolve
from engine.spec.settings import from_keywords
from engine.web.allowed import allowed
from engine.web.form import form
from engine.web.options import Limits
from engine.web.refused import Refused
from engine.web.wanted import known_settings, settings_of, wanted

LIMITS = Limits(size=512, effort=4, count=2000, film_seconds=20, film_size=640)
NOBODY = {"XDG_CONFIG_HOME": "/nowhere"}

# Every setting that there is, and whether visitors may set it. A new one has to be put on a side here.
ONLY_THE_HOST = {
    *("target", "frame", "from", "out", "workers", "nice", "memory", "budget.until"),
    *("record.every", "record.keep", "record.preview", "checkpoint.every", "checkpoint.grace"),
    *("notify.on_success", "notify.on_failure"),
    *(f"film.{name}" for name in ("enabled", "dedup", "format", "codec", "max_bytes", "encoder")),
    *(f"animation.{name}" for name in ("effect", "order", "seed", "to")),
    *(
        f"export.{name}"
        for name in ("format", "size", "dpi", "bleed", "quality", "preview", "device", "profile")
    ),
    *(f"painter.{name}" for name in ("neuron", "label", "layers", "weights", "device", "tile", "wrap")),
    *(f"painter.{name}" for name in ("generator", "final")),
    *(f"painter.{name}" for name in ("irregularity", "sheet_steps", "views", "view", "rotation", "zoom")),
    *("painter.perspective", "painter.jitter"),
}


def count_of(spec):
    return spec.painter.params.count


def asked(limits=LIMITS, environ=NOBODY, **given):
    return wanted(given, limits, environ)


def refused(limits=LIMITS, environ=NOBODY, **given):
    with pytest.raises(Refused) as found:
        wanted(given, limits, environ)
    assert found.value.status == 422
    return found.value.sentence


def test_every_setting_is_let_in_or_not():
    let_in = set(allowed(LIMITS))
    assert not let_in & ONLY_THE_HOST
    assert not let_in - known_settings()
    assert known_settings() - let_in == ONLY_THE_HOST


@pytest.mark.parametrize("path", sorted(ONLY_THE_HOST))
@pytest.mark.parametrize("value", ["/etc/passwd", 1, None, "auto"])
def test_what_is_the_hosts_is_refused_whatever_it_says(path, value):
    for name in {path, path.replace("_", "-"), path.removeprefix("painter.")}:
        assert refused(**{name: value}) == f"{name} is the host's to set; leave it out."


def test_names_are_those_of_the_command_line():
    given = {
        "preset": "portrait",
        "count": 300,
        "seed": 5,
        "film.duration": "8s",
        "film": {"intro-shows": "blank"},
    }
    found = wanted(given, LIMITS, NOBODY)
    assert found.preset == "portrait"
    assert found.effort == found.spec.budget.effort == 2
    assert count_of(found.spec) == 300
    assert (found.spec.seed, found.spec.film.duration, found.spec.film.intro_shows) == (5, 8, "blank")
    assert found.spec.importance == "auto"  # the preset's
    spec = found.spec_for(Path("/srv/jobs/1/picture.png"), Path("/srv/jobs/1/run"))
    assert (spec.target, spec.out) == ("/srv/jobs/1/picture.png", "/srv/jobs/1/run")
    assert spec.model_copy(update={"target": found.spec.target, "out": None}) == found.spec


BLANK = "painter.objective: neuron is drawn on blank paper, and not after a photograph."


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"count": 2001}, "count must be a whole number from 1 to 2000, not 2001."),
        ({"painter.count": 10**9}, "painter.count must be a whole number from 1 to 2000, not 1000000000."),
        ({"effort": 1e9}, "effort must be a number above 0 and at most 4, not 1000000000.0."),
        ({"count": 0}, "count must be a whole number from 1 to 1000000, not 0."),
        ({"count": "many"}, "count must be a whole number from 1 to 1000000, not many."),
        ({"count": True}, "count must be a whole number from 1 to 1000000, not true."),
        ({"count": [1]}, "count must be a whole number from 1 to 1000000, not [1]."),
        ({"size": 4000}, "size must be a whole number from 1 to 512, not 4000."),
        ({"effort": 4.5}, "effort must be a number above 0 and at most 4, not 4.5."),
        ({"film.duration": "21s"}, "film.duration must be at most 20s, not 21s."),
        ({"film.fps": 120}, "film.fps must be a whole number from 1 to 60, not 120."),
        ({"importance": "mask.png"}, "importance must be none or auto, not mask.png."),
        ({"importance": "/etc/passwd"}, "importance must be none or auto, not /etc/passwd."),
        ({"search": "scipy"}, "search must be annealing, dual or hill, not scipy."),
        ({"grid": "17x1"}, "grid must be auto or at most 16x16, not 17x1."),
        ({"export.hatch": "0.05mm"}, "export.hatch must be none or tone, not 0.05mm."),
        ({"painter": "curves", "count": 3000}, "count must be at most 2000, not 3000."),
        ({"painter": "curves", "objective": "class,picture"}, BLANK.replace("neuron", "class")),
        (
            {"painter": "curves", "objective": "picture=2"},
            "objective must be auto or picture, not 'picture=2'.",
        ),
        ({"painter": "curves", "steps": 5000}, "steps must be at most 1000, not 5000."),
        ({"painter": "gng", "interval": 10_000}, "interval must be a number from 1 to 600, not 10000."),
        ({"preset": "protrait"}, "preset protrait: there is no such preset; perhaps portrait is meant."),
        (
            {"preset": "/etc/passwd.yaml"},
            "preset /etc/passwd.yaml: there is no such preset; choose one of the looks.",
        ),
        ({"preset": ["a"]}, "preset [a]: there is no such preset; choose one of the looks."),
        ({"preset": "arches"}, BLANK),
        (
            {"painter": "polygons", "look": "net"},
            "look is for painter gng; polygons has shape, opacity and palette.",
        ),
        ({"counts": 3}, "counts isn't a setting; perhaps count is meant."),
        ({"count": 3, "painter.count": 4}, "painter.count sets the same as count; keep one of them."),
    ],
)
def test_refusals_are_in_the_words_of_the_command_line(given, sentence):
    assert refused(**given) == sentence


def test_a_look_has_as_much_as_visitors_may_have():
    spec = asked(preset="net").spec
    assert spec.painter.params.count == 2000  # of 12,000
    assert asked(preset="net", count=50).spec.painter.params.count == 50
    assert asked(limits=Limits(effort=1.5), preset="portrait").effort == 1.5
    assert asked(limits=Limits(film_seconds=3.5), **{"film.hold": "1s"}).spec.film.duration == 3.5


def test_a_preset_of_the_hosts_may_say_what_visitors_may_not(tmp_path):
    folder = tmp_path / "tessera" / "presets"
    folder.mkdir(parents=True)
    (folder / "ours.yaml").write_text(
        "importance: /srv/a.png\nnice: 12\nfilm: {encoder: /srv/ffmpeg}\nbudget: {time: 60s}\ncount: 9000\n"
    )
    (folder / "broken.yaml").write_text("count: [")
    environ = {"XDG_CONFIG_HOME": str(tmp_path)}
    spec = asked(environ=environ, preset="ours").spec
    assert (spec.importance, spec.nice, spec.film.encoder) == ("/srv/a.png", 12, "/srv/ffmpeg")
    assert spec.painter.params.count == 2000
    assert asked(environ=environ, preset="ours", time="30s").spec.budget.time == 30
    assert refused(environ=environ, preset="ours", time="90s") == "time must be at most 60s, not 90s."
    assert refused(environ=environ, preset="ours", time=None) == "time must be at most 60s, not null."
    assert str(tmp_path) not in refused(environ=environ, preset="broken")


def test_the_hosts_defaults_count_as_on_the_command_line(tmp_path):
    (tmp_path / "tessera").mkdir()
    (tmp_path / "tessera" / "config.yaml").write_text("film:\n  fps: 25\npainter:\n  look: stipple\n")
    environ = {"XDG_CONFIG_HOME": str(tmp_path), "TESSERA_SEED": "7", "HOME": "/nowhere"}
    spec = asked(environ=environ).spec
    assert (spec.film.fps, spec.seed) == (25, 7)
    assert asked(environ=environ, painter="gng").spec.painter.params.look == "stipple"


@pytest.mark.parametrize("preset", sorted(presets(NOBODY)))
def test_each_preset_is_one_or_is_refused_in_a_sentence(preset):
    try:
        assert asked(limits=Limits(), preset=preset).spec.painter.name in PAINTERS
    except Refused as found:
        is_told = "blank paper" in found.sentence or "install" in found.sentence
        assert is_told


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "1",
        '"a"',
        "null",
        '{"a": NaN}',
        '{"a": 1, "a": 2}',
        "[" * 5000,
        '{"a": ' * 5000,
        '{"a": 1e999}',
        '{"a": "\\ud800"}',
        "{'a': 1}",
    ],
)
def test_what_is_no_json_object_is_refused(text):
    with pytest.raises(Refused) as found:
        settings_of(text)
    assert found.value.sentence.startswith("settings: must be")
    assert len(found.value.sentence) < 200


def test_json_is_read_and_nothing_is_none():
    assert settings_of("") == settings_of(" {}") == {}
    assert settings_of('{"count": 3, "film": {"fps": 25}}') == {"count": 3, "film": {"fps": 25}}


NAMES = st.one_of(
    st.sampled_from(
        sorted(known_settings() | {"count", "effort", "preset", "painter", "notify", "film", "time"})
    ),
    st.text(max_size=12),
)
VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**63 - 1),
        st.floats(),
        st.text(max_size=20),
        st.sampled_from(
            [
                "auto",
                "none",
                "/etc/passwd",
                "../x",
                "net",
                "gng",
                "curves",
                "10s",
                "v4/wave",
                "a:b/c/1",
                "$(id)",
                "1e9",
            ]
        ),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=4,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(NAMES, VALUES, max_size=4))
def test_whatever_is_asked_what_comes_of_it_is_within_the_limits(given_settings):
    try:
        spec = wanted(given_settings, LIMITS, NOBODY).spec
    except Refused as found:
        is_a_sentence = found.status == 422 and found.sentence.endswith(".") and "\n" not in found.sentence
        assert is_a_sentence
        return
    check_bounds(spec)
    own = from_keywords({name: value for name, value in given_settings.items() if name != "preset"})
    for path in own.settings:
        assert {path, f"painter.{path}"} & set(allowed(LIMITS)), path


def check_bounds(spec):
    """All that could cost or tell more than it may is as it is by default, or bounded."""
    plain = RunSpec(target="a", painter=spec.painter)
    for name in ("workers", "nice", "memory", "start", "out", "frame", "record", "checkpoint", "animation"):
        assert getattr(spec, name) == getattr(plain, name), name
    assert spec.notify == NotifySettings()
    assert spec.film.encoder is None
    assert spec.importance in ("none", "auto")
    assert spec.size <= LIMITS.size
    assert spec.budget.effort <= LIMITS.effort
    assert spec.film.duration <= LIMITS.film_seconds
    assert spec.film.size <= LIMITS.film_size
    assert spec.painter.params.count in ("auto", *range(1, LIMITS.count + 1))
    if spec.painter.name == "curves":
        default = params_of("curves")()
        for name in ("neuron", "label", "layers", "weights", "device"):
            assert getattr(spec.painter.params, name) == getattr(default, name)


@pytest.mark.parametrize("preset", ["glass", "stipple", "crayons"])
def test_all_that_the_page_offers_is_let_in(preset):
    shown = form(preset, LIMITS, NOBODY)
    for each in (*shown.main, *(each for group in shown.more for each in group.fields)):
        ends = [] if each.kind == "colours" else [each.least, each.most]
        unit = "s" if each.kind == "duration" else ""
        numbers = [f"{end}{unit}" if unit else end for end in ends if end is not None]
        for value in (each.default, *numbers, *(choice.name for choice in each.choices or ())):
            said = f"{value}s" if unit and isinstance(value, float) else value
            assert wanted({"preset": preset, each.name: said}, LIMITS, NOBODY)


def test_what_is_written_is_what_the_command_line_takes():
    given = {
        "count": 300,
        "film.duration": "8s",
        "shape": ["circle", "line"],
        "background": "navy",
        "shift": False,
    }
    limits = Limits(film_size=1080)  # of which nothing is lowered
    spec = wanted(json.loads(json.dumps(given)), limits, NOBODY).spec
    same = resolve([from_keywords({"target": "picture.png", **given})], params_of, PAINTERS)
    assert spec == same
    with pytest.raises(SpecError, match="count must be"):
        resolve([from_keywords({"target": "a", "count": "x"})], params_of, PAINTERS)
