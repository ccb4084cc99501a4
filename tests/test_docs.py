"""The documents say what is so: links lead somewhere, commands parse, tables are those of the models."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from dataclasses import fields
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer
from typer.main import get_command

from engine.cli.app import app
from engine.errors import TesseraError
from engine.events import PenWork
from engine.painters.registry import PAINTERS, params_of
from engine.records import KINDS
from engine.spec.models import RunSpec
from engine.spec.reference import with_reference
from engine.spec.resolution import resolve
from engine.spec.settings import Document, Setting
from tests import ROOT

DOCS = ROOT / "docs"
PAGES = [*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md"))]
TO_COME: set[str] = set()
README_LINES = 200
CALLED = {  # by the command line
    "render": "engine.api",
    "resume": "engine.api",
    "resumption": "engine.api",
    "film": "engine.cli.named",
    "animate": "engine.cli.named",
    "report": "engine.cli.named",
    "export": "engine.cli.named",
}

_CODE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def anchors(page: Path) -> set[str]:
    """What headings are called in links, as GitHub does it."""
    headings = _HEADING.findall(_CODE.sub("", page.read_text()))
    plain = (re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading) for heading in headings)
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in plain}


def links(page: Path) -> Iterator[str]:
    """Those to files and headings of the repository."""
    text = re.sub(r"`[^`\n]*`", "", _CODE.sub("", page.read_text()))
    yield from (link for link in _LINK.findall(text) if not re.match("[a-z]+:", link))


def leads_nowhere(page: Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    target = (page.parent / name).resolve() if name else page
    if target in TO_COME and not target.exists():
        return False
    return not target.exists() or bool(anchor and anchor not in anchors(target))


def commands(page: Path) -> Iterator[str]:
    """The lines of a page's shell blocks that call tessera, without their comments."""
    for language, block in _CODE.findall(page.read_text()):
        if language == "sh":
            lines = block.replace("\\\n", " ").splitlines()
            yield from (line for line in lines if line.startswith("tessera "))


COMMANDS = list(dict.fromkeys(line for page in PAGES for line in commands(page)))


def words(line: str) -> list[str]:
    """The words of a command after `tessera`, up to a pipe or another file."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|<>")
    lexer.whitespace_split = True
    found = list(lexer)
    end = next((place for place, word in enumerate(found) if set(word) <= set("|<>")), len(found))
    return found[1:end]


def check_settings(_: object, *rest: object, **_more: object) -> SimpleNamespace:
    """In place of what works on a run: only look whether the settings that it is given can be."""
    target = Document("command line", {"target": Setting("astronaut", "TARGET")})
    documents = next((each for each in rest if isinstance(each, list)), [])
    return SimpleNamespace(spec=resolve([target, *documents], params_of))


@pytest.fixture
def parse(monkeypatch):
    """Run a command up to where its work would begin."""
    for name, module in CALLED.items():
        monkeypatch.setattr(f"{module}.{name}", check_settings)
    for module in ("paint", "afterwards"):
        monkeypatch.setattr(f"engine.cli.{module}.outlive_terminal", lambda: None)
    monkeypatch.setattr("engine.cli.outcome._carry_out", lambda *_: None)
    monkeypatch.setattr("engine.cli.paint.picture_of", nullcontext)  # whatever comes by standard input
    monkeypatch.chdir(ROOT)

    def run(line: str) -> None:
        name, *arguments = words(line)
        if name in CALLED or name == "spec":
            sources = ["configs/astronaut.yaml" if word == "again.yaml" else word for word in arguments]
            app([name, *sources], standalone_mode=False)
        elif name.startswith("-"):
            with suppress(typer.Exit):
                app([name, *arguments], standalone_mode=False)
        else:
            get_command(app).commands[name].make_context(name, arguments)  # type: ignore[attr-defined]

    return run


def test_the_reference_of_settings_is_that_of_the_models():
    page = (DOCS / "settings.md").read_text()
    painters = {name: params_of(name) for name in PAINTERS}
    assert with_reference(page, painters) == page, "run scripts/settings"


def models():
    painters = [params_of(name) for name in PAINTERS]
    sections = [type(field.default) for field in RunSpec.model_fields.values()]
    return [RunSpec, *painters, *(model for model in sections if hasattr(model, "model_fields"))]


@pytest.mark.parametrize("model", models(), ids=lambda model: model.__name__)
def test_each_setting_has_a_description(model):
    assert [name for name, field in model.model_fields.items() if not field.description] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page):
    assert [link for link in links(page) if leads_nowhere(page, link)] == []


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text().splitlines()) <= README_LINES


@pytest.mark.parametrize("line", COMMANDS)
def test_commands_are_understood(line, parse):
    parse(line)


def test_what_is_wrong_is_found(parse, tmp_path):
    for line in ("tessera film RUN --sise 3", "tessera film RUN --fps 0", "tessera status --wach"):
        with pytest.raises((TesseraError, typer.TyperException)):
            parse(line)
    page = tmp_path / "page.md"
    page.write_text("# One two\n\n[a](#one-two) [b](#two) [c](page.md#one-two) [d](no.md) `[e](no.md)`\n")
    assert [link for link in links(page) if leads_nowhere(page, link)] == ["#two", "no.md"]


@pytest.mark.parametrize("kind", KINDS)
def test_events_are_described(kind):
    section = (DOCS / "events.md").read_text().split(f"\n### {kind}\n")[1].split("\n#")[0]
    rows = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
    named = [name for row in rows for name in re.findall("`([a-z_]+)`", row)]
    assert sorted(named) == sorted(field.name for field in fields(KINDS[kind]))


def test_the_pens_of_a_plot_are_described():
    section = (DOCS / "events.md").read_text().split("\n### plotted\n")[1].split("\n#")[0]
    pens = next(line for line in section.splitlines() if line.startswith("| `pens`"))
    assert set(re.findall("`([a-z_]+)`", pens)) - {"pens"} == {field.name for field in fields(PenWork)}
