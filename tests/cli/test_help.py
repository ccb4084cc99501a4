"""Help says of every flag what it takes, its range and its default, and cuts nothing off."""

import re
import subprocess
import sys
import textwrap

import pytest
from typer.main import get_command

from engine.cli.app import app
from engine.cli.examples import EXAMPLES
from engine.cli.flag_facts import facts_of, settings_by_path
from engine.cli.help_page import Entry, Page, options_of, page_of, program_page, visible_commands
from engine.cli.help_text import as_text
from engine.cli.takes_settings import SETTINGS

GROUP = get_command(app)
VISIBLE = visible_commands(GROUP)


def settings_of(command):
    return getattr(command.callback, SETTINGS, {})


FLAGS = [
    pytest.param(option, entry, settings_of(command).get(option.name), id=f"{name} {entry.names}")
    for name, command in VISIBLE.items()
    for option, entry in options_of(command)
]


@pytest.mark.parametrize(("option", "entry", "setting"), FLAGS)
def test_every_flag_says_what_it_takes_its_range_and_its_default(option, entry, setting):
    assert entry.about.rstrip("]")[-1:].isalnum() or entry.about.endswith((".", "]"))
    if option.is_flag:
        return
    names, _, metavar = entry.names.rpartition(" ")
    assert names.startswith("-")
    assert metavar not in ("", "VALUE", "TEXT"), "a word for its type"
    if "--set" in option.opts:
        return
    said = entry.about[entry.about.rindex("[") :]
    assert re.search(r"default: .|none by default|must be given", said), said
    if setting is not None:
        facts = facts_of(setting)
        assert facts.takes
        assert facts.takes in said


def test_what_is_said_of_a_flag_is_the_models():
    page = page_of(VISIBLE["render"], "tessera render")
    entries = {entry.names: entry.about for _, entries in page.sections for entry in entries}
    count = entries["-n, --count N"]
    assert count.endswith(
        "[a whole number from 1 to 1000000; default: 1000 (gng: 5000, curves: auto, brush: auto)]"
    )
    assert entries["-s, --size PX"].endswith("[a whole number from 1 to 20000; default: 512]")
    assert "[binary, tone or edges; default: tone]" in entries["--points binary|tone|edges"]
    assert entries["--error 0..1"].endswith("none by default]")
    assert "default: the target's" in entries["--result-size PX"]


def test_every_setting_has_a_word_for_what_it_takes():
    assert [path for path in settings_by_path() if not facts_of(path).metavar] == []


@pytest.mark.parametrize("name", ["", *VISIBLE])
@pytest.mark.parametrize("columns", [60, 80])
def test_nothing_is_cut_off(name, columns):
    page = page_of(VISIBLE[name], f"tessera {name}") if name else program_page(GROUP, "tessera")
    text = as_text(page, columns)
    examples = {f"  {line}" for line, _ in page.examples}
    long = [line for line in text.splitlines() if len(line) > columns and line not in examples]
    assert [line for line in long if len(line.split()) > 1] == []
    words = " ".join(text.split())
    for _, entries in page.sections:
        assert all(" ".join(entry.about.split()) in words for entry in entries)
        assert all(entry.names in words for entry in entries)


def test_long_names_stand_above_their_text():
    page = Page(
        "t", "", "About.", (("Options", (Entry("--x " + "N" * 30, "What it is."), Entry("-y", "Y."))),)
    )
    assert as_text(page, 60).split("Options:\n")[1] == f"  --x {'N' * 30}\n      What it is.\n  -y  Y."


@pytest.mark.parametrize("name", ["tessera", *VISIBLE])
def test_each_command_has_two_examples(name):
    assert len(EXAMPLES[name]) == 2
    assert all(text and "tessera" in line for line, text in EXAMPLES[name])
    assert name == "tessera" or any(f"tessera {name}" in line for line, _ in EXAMPLES[name])


def test_help_is_there_by_all_its_names(tessera):
    pages = [tessera(*words).stdout for words in (("film", "-h"), ("film", "--help"), ("help", "film"))]
    rest = [page.partition("\n")[2] for page in pages]
    assert rest[0] == rest[1] == rest[2]
    assert "--pacing WORD" in rest[0]


def test_it_is_as_wide_as_columns_say(tmp_path):
    code = "import sys; sys.argv = ['tessera', 'render', '-h']; from engine.cli.app import main; main()"
    for columns in (60, 100):
        environ = {"COLUMNS": str(columns)}
        done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True)
        lines = [line for line in done.stdout.split("Examples:")[0].splitlines() if len(line.split()) > 2]
        assert columns - 12 < max(map(len, lines)) <= columns


def test_asking_for_help_loads_no_library_that_it_does_without():
    code = """
        import sys
        from engine.cli.app import app
        app(["--help"], standalone_mode=False)
        heavy = {"numba", "numpy", "scipy", "PIL", "pydantic", "yaml", "skimage"} & set(sys.modules)
        sys.exit(" ".join(heavy))
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True)
    assert done.stderr.strip() == ""
