"""docs/api.md: each of its snippets runs, in order, and says what it says."""

import re

import pytest
from PIL import Image

import engine
from engine.library import render as door
from engine.spec.settings import from_keywords
from tests import ROOT
from tests.doubles.toy import picture

DOCS = ROOT / "docs/api.md"
SNIPPETS = re.findall(r"^```python\n(.*?)^```", DOCS.read_text(), re.MULTILINE | re.DOTALL)
# What makes the same calls quick: stronger than what they say.
SMALL = {
    "size": 48,
    "grid": "1x2",
    "count": 20,
    "effort": 0.05,
    "workers": 1,
    "result_size": 64,
}


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A folder with a photo, in which all that is painted is small."""
    Image.fromarray(picture(48, 64)).save(tmp_path / "photo.jpg")
    monkeypatch.chdir(tmp_path)

    def resolved(documents, *others):
        resolve(documents, *others)  # what is wrong is refused as ever
        return resolve([*documents, from_keywords(SMALL)], *others)

    resolve = door.resolve
    monkeypatch.setattr(door, "resolve", resolved)
    return tmp_path


def test_every_snippet_runs(small, capsys):
    names = {"__name__": "not the main program"}
    for snippet in SNIPPETS:
        exec(compile(snippet.replace("shapes, run.error", "shapes"), str(DOCS), "exec"), names)
    printed = capsys.readouterr().out.splitlines()
    assert printed == ["20", "count must be a whole number from 1 to 1000000, not many."]
    run = names["run"]
    assert isinstance(run, engine.Run)
    assert str(engine.painters.names()) in DOCS.read_text()
    assert run.status.outcome == "interrupted"
    made = {path.name for path in small.iterdir()}
    assert made == {
        "photo.jpg", "runs", "out.png", "out.jpg", "poster.pdf", "print.tif", "film.gif", "burst.webp",
        "page.html",
    }  # fmt: skip


def test_all_code_is_run():
    assert DOCS.read_text().count("```") == 2 * len(SNIPPETS)
