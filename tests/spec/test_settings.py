"""Settings from a file, flags and --set meet in one spec, or in one sentence about the first problem."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.errors import SpecError
from engine.spec.resolution import check
from engine.spec.settings import from_assignments, from_flags, read_document
from tests.doubles.toy_specs import FOREIGN, Cooling, Mode, Odd, Polygons, params_of, read, refusal, settle

WHOLE_COUNT = "count must be a whole number from 1 to 1000000, not"


@pytest.fixture(scope="module")
def spec_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("specs") / "spec.yaml"


# --- what is accepted


def test_a_target_is_all_it_takes() -> None:
    spec = settle(from_flags({"target": "astronaut"}))
    assert (spec.target, spec.size, spec.record.every) == ("astronaut", 512, "auto")
    assert spec.painter.name == "polygons"
    assert spec.painter.params == Polygons()


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("target: 007", "target", "007"),
        ("target: yes", "target", "yes"),
        ("target: 1e3", "target", "1e3"),
        ("size: '1000'", "size", 1000),
        ("size: 0010", "size", 10),
        ("background: '#FFcc00'", "background", "#ffcc00"),
        ("background: Black", "background", "black"),
        ("grid: 04X16", "grid", "4x16"),
        ("workers: 1024", "workers", 1024),
        ("workers: auto", "workers", "auto"),
        ("record: {every: auto}", "record.every", "auto"),
        ("record: {every: 1000000}", "record.every", 1_000_000),
        ("seed: 9223372036854775807", "seed", 2**63 - 1),
        ("effort: 1e3", "budget.effort", 1000.0),
        ("time: '90s'", "budget.time", 90.0),
        ("time: 1.5s", "budget.time", 1.5),
        ("time: 10m", "budget.time", 600.0),
        ("time: 6h", "budget.time", 21600.0),
        ("time: 1h 30M", "budget.time", 5400.0),
        ("time: null", "budget.time", None),
        ("time:", "budget.time", None),
        ("until: 6:00", "budget.until", "06:00"),
        ("until: 2030-01-31T23:59", "budget.until", "2030-01-31 23:59"),
        ("record: {keep: 100}", "record.keep", 100),
        ("record: {preview: 0.2s}", "record.preview", 0.2),
        ("checkpoint: {every: 0, grace: 1h}", "checkpoint.grace", 3600.0),
        ("notify: {on-failure: mail me}", "notify.on_failure", "mail me"),
        ("error: 0.03", "budget.error", 0.03),
        ("film: {hold: 0}", "film.hold", 0.0),
        ("film: {enabled: no}", "film.enabled", False),
        ("film: {format: 'gif, mp4'}", "film.format", ("gif", "mp4")),
        ("film: {format: [gif, gif]}", "film.format", ("gif",)),
        ("film.fps: 30", "film.fps", 30),
        ("result-size: 20000", "result_size", 20000),
        ("result_size: 7", "result_size", 7),
        ("shape: quad", "painter.params.shape", "quad"),
        ("painter: {count: 7}", "painter.params.count", 7),
        ("painter: {name: odd, cooling: {end-at: 1e-4}}", "painter.params.cooling.end_at", 1e-4),
        ("painter: odd\npainter.mode: fast", "painter.params.mode", Mode.FAST),
        ("\ufeffout: ./a b", "out", "./a b"),
    ],
)
def test_accepted(tmp_path: Path, text: str, path: str, value: object) -> None:
    result: Any = settle(from_flags({"target": "a"}), read(tmp_path / "spec.yaml", f"{text}\r\n"))
    for name in path.split("."):
        result = getattr(result, name)
    assert result == value
    assert type(result) is type(value)


def test_short_names_equal_the_long_ones(tmp_path: Path) -> None:
    short = "target: a\npainter: polygons\nshape: quad\ncount: 5\neffort: 2\ntime: 1m\nerror: .1\n"
    nested = "target: a\npainter: {name: polygons, shape: quad, count: 5}\n"
    nested += "budget: {effort: 2, time: 60s, error: 0.1}\n"
    items = [
        "target=a",
        "painter=polygons",
        "shape=quad",
        "count=5",
        "budget.effort=2",
        "time=1m",
        "error=.1",
    ]
    flags = {"target": "a", "shape": "quad", "painter.count": 5, "effort": 2.0, "time": "1m", "error": 0.1}
    spec = settle(read(tmp_path / "short.yaml", short))
    assert spec == settle(read(tmp_path / "nested.yaml", nested))
    assert spec == settle(from_assignments(items)) == settle(from_flags(flags))
    assert spec.painter.params == Polygons(shape="quad", count=5)


def test_later_documents_override_key_by_key(tmp_path: Path) -> None:
    painter = "painter: {name: polygons, shape: quad, count: 5}"
    file = read(tmp_path / "spec.yaml", f"target: a\n{painter}\ntime: 1h\nfilm: {{fps: 30, size: 99}}\n")
    flags = from_flags({"count": 6, "film.fps": 24, "size": None, "out": "runs/one"})
    sets = from_assignments(["count=7", "time=null", "film={size: 98}", "count=8"])
    spec = settle(file, flags, sets)
    assert spec.painter.params == Polygons(shape="quad", count=8)
    assert (spec.budget.time, spec.film.fps, spec.film.size, spec.size) == (None, 24, 98, 512)
    assert spec.out == "runs/one"


durations = st.floats(0, 36_000_000, exclude_min=True) | st.integers(1, 36_000_000).map(float)
words = [
    "1e3", "null", "~", "yes", "#a", "a: b", "- a", "007", " a ", "1:30", "=", "<<", "&a", "!b", "'",
    "…\u2028",
]  # fmt: skip
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20) | st.sampled_from(words)
FLAGS = {
    "size": st.integers(1, 20_000),
    "background": st.sampled_from(["mean", "black", "white", "#00ff7f", "#000000", "#123456"]),
    "shape": st.sampled_from(["triangle", "quad"]),
    "count": st.integers(1, 1_000_000),
    "grid": st.builds("{}x{}".format, st.integers(1, 256), st.integers(1, 256)),
    "seed": st.integers(0, 2**63 - 1),
    "effort": st.floats(0, 100_000, exclude_min=True),
    "time": durations,
    "error": st.floats(0, 1, exclude_min=True, exclude_max=True),
    "workers": st.just("auto") | st.integers(1, 1024),
    "record.every": st.just("auto") | st.integers(1, 1_000_000),
    "record.preview": durations | st.just(0.0),
    "film.enabled": st.booleans(),
    "film.size": st.integers(16, 7680),
    "film.fps": st.integers(1, 120),
    "film.duration": durations,
    "film.hold": durations | st.just(0.0),
    "film.format": st.sampled_from([["mp4"], ["gif", "mp4"], "gif"]),
    "film.encoder": names,
    "export.format": st.sampled_from([["svg"], "pdf,json", ["png", "png"]]),
    "export.page": st.sampled_from(["a0", "letter", "300x200.5"]),
    "export.margin": st.floats(0, 1000),
    "result-size": st.integers(1, 20_000),
    "out": names,
}


@example(flags={"target": "\x85", "out": "a\u2028b\n c\ufeff\t"})
@settings(deadline=None)
@given(flags=st.fixed_dictionaries({"target": names}, optional=FLAGS))
def test_resolved_yaml_reads_back_as_the_same_spec(spec_file: Path, flags: dict[str, object]) -> None:
    spec = settle(from_flags(flags))
    again = settle(read(spec_file, spec.to_yaml()))
    assert again == spec
    assert again.to_yaml() == spec.to_yaml()
    assert again.digest() == spec.digest()
    assert settle(read(spec_file, spec.recipe())).digest() == spec.digest()
    for name in flags.keys() & {"target", "size", "seed", "out"}:
        assert getattr(again, name) == flags[name]


def test_a_painters_parameters_read_back(tmp_path: Path) -> None:
    own = ["painter.cooling.end_at=.5", "painter.sizes=[3, 4]", "painter.mode=fast"]
    spec = settle(from_assignments(["target=a", "painter=odd", *own]))
    assert spec.painter.params == Odd(cooling=Cooling(end_at=0.5), sizes=(3, 4), mode=Mode.FAST)
    assert settle(read(tmp_path / "spec.yaml", spec.to_yaml())) == spec


# --- who is blamed


@pytest.mark.parametrize("text", ["", "- a", "photo.jpg"])
def test_a_file_must_hold_settings(tmp_path: Path, text: str) -> None:
    path = tmp_path / "spec.yaml"
    must = 'must hold lines of "key: value", such as target: photo.jpg.'
    assert refusal(lambda: read(path, text)) == f"{path} {must}"


def test_a_setting_by_two_names(tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    said = refusal(lambda: read(path, "count: 1\npainter: {count: 2}"))
    assert said == f"{path}:2: painter.count sets the same as {path}:1: count; keep one of them."


def test_the_first_problem_in_the_order_of_the_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    lines = ["size: 0", "count: 0", "zzz: 0"]
    for order in (lines, lines[::-1]):
        said = refusal(partial(settle, read(path, "\n".join([*order, "target: a"]))))
        assert said.startswith(f"{path}:1: {order[0].split(':')[0]} ")
        assert said.endswith(" (and 2 more).")


def test_a_missing_target(tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    must = (
        "target is missing: it must be a file, the name of a sample or blank paper, such as photo.jpg, "
        "astronaut or blank:512x512."
    )
    assert refusal(lambda: settle(read(path, "size: 5"))) == f"{path}: {must}"
    assert refusal(lambda: settle(from_flags({"size": 5}))) == f"command line: {must}"
    assert refusal(lambda: settle()) == f"spec: {must}"


def test_a_parameter_without_a_default_is_asked_for() -> None:
    said = refusal(lambda: settle(from_flags({"target": "a", "painter": "strict"})))
    assert said == "command line: painter.needed is missing: it must be a whole number at least 1."


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"count": 0}, f"--{WHOLE_COUNT} 0."),
        ({"count": True}, f"--{WHOLE_COUNT} true."),
        ({"size": 10.5}, "--size must be a whole number from 1 to 20000, not 10.5."),
        ({"result_size": 0}, "--result-size must be a whole number from 1 to 2147483647, or null, not 0."),
        ({"effort": float("nan")}, "--effort must be a finite number above 0 and at most 100000, not nan."),
        ({"painter": "oil"}, "--painter: no painter is called 'oil'; there are polygons, odd and strict."),
        ({"film.fsp": 3}, "--film.fsp isn't a setting; perhaps film.fps is meant."),
        ({"count": 3, "painter.count": 3}, "--painter.count sets the same as --count; keep one of them."),
    ],
)
def test_flags_are_refused_by_their_name(flags: dict[str, object], message: str) -> None:
    assert refusal(lambda: settle(from_flags({"target": "a"} | flags))) == message


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ("count", "--set count must be key=value, such as --set painter.count=500."),
        ("=5", "--set '=5' must be key=value, such as --set painter.count=500."),
        ("painter.count=0", f"--set painter.{WHOLE_COUNT} 0."),
        ("count=", f"--set {WHOLE_COUNT} null."),
        ("painter={cuont: 5}", "--set painter.cuont isn't a setting; perhaps painter.count is meant."),
        ("film={fps: 5, fps: 6}", "--set film: film.fps is given twice, on lines 1 and 1; keep one of them."),
        (
            "size=[",
            "--set size: can't be read at column 2: expected the node content, but found '<stream end>'.",
        ),
        (
            "checkpoint=",
            "--set checkpoint is a group of settings (every, grace), not null.",
        ),
    ],
)
def test_assignments_are_refused_by_their_key(item: str, message: str) -> None:
    assert refusal(lambda: settle(from_assignments(["target=a", item]))) == message


def test_the_source_of_an_overriding_value_is_blamed(tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    file = read(path, "target: a\ncount: 0\nsize: 0\n")
    assert refusal(lambda: settle(file, from_flags({"size": 3}))).startswith(f"{path}:2: count ")
    assert refusal(lambda: settle(file, from_assignments(["count=-1", "size=1"]))).startswith("--set count ")


# --- whatever comes

soup = st.text(st.sampled_from(list("ab:{}[],#&*!|>'\"%@?-~ \n\t019.e\\xU<=\0\x85\u2028é")), max_size=60)
keys = st.sampled_from([*FLAGS, "target", "painter", "film", "budget", "painter.name", "zzz"])


@settings(deadline=None, max_examples=150)
@given(text=soup | st.text(max_size=30) | st.builds("{}: {}".format, keys, soup))
def test_any_file_gives_a_spec_or_one_sentence(spec_file: Path, text: str) -> None:
    spec_file.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        settle(from_flags({"target": "a"}), read_document(spec_file))
    except SpecError as error:
        message = str(error)
        assert message.startswith(str(spec_file))
        assert message.isprintable()
        assert not any(words in message for words in FOREIGN)


values = st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.lists(st.text(max_size=3))


@settings(deadline=None, max_examples=150)
@given(key=keys, value=values)
def test_any_flag_gives_a_spec_or_one_sentence(key: str, value: object) -> None:
    try:
        settle(from_flags({"target": "a", key: value}))
    except SpecError as error:
        message = str(error)
        assert f"--{key}" in message
        assert message.isprintable()
        assert not any(words in message for words in FOREIGN)


# --- settings without a target


def test_shared_settings_need_no_target() -> None:
    shared = check([from_flags({"workers": "2", "count": "7"})], params_of)
    assert (shared.workers, shared.target) == (2, "")
    assert check([], params_of).workers == "auto"


@pytest.mark.parametrize("wrong", [{"workers": "many"}, {"nice": "99"}, {"bogus": "1"}, {"count": "0"}])
def test_shared_settings_are_checked_as_those_of_a_run(wrong: dict[str, str]) -> None:
    alone = refusal(lambda: check([from_flags(wrong)], params_of))
    assert alone == refusal(lambda: settle(from_flags({"target": "astronaut", **wrong})))
