"""The looks and samples that visitors choose from.

A look is a preset that suits a photograph: those that offered.yaml lists, and before them all of the user's
own. One of the user's may have a picture beside it: NAME.webp, NAME.png or NAME.jpg beside NAME.yaml.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote

import yaml

from engine.errors import SpecError
from engine.image.samples import sample_files
from engine.painters.registry import PAINTERS, params_of
from engine.spec.messages import show
from engine.spec.models import SharedSettings
from engine.spec.presets import Preset, presets, read_preset
from engine.spec.resolution import check
from engine.spec.settings import Document
from engine.web.suits import check_suits
from engine.web.wording import in_words, wording

HERE = Path(__file__).parent
STATIC = HERE / "static"
SUFFIXES = (".webp", ".png", ".jpg")  # of pictures of looks of one's own, the first there counts
LONGEST = 40  # characters of a title


@dataclass(frozen=True)
class LookRecord:
    """What a painting may look like."""

    name: str  # of the preset
    title: str
    about: str
    picture: str | None  # its address below the server's root
    painter: str
    own: bool  # the host's, and none that comes with Tessera


@dataclass(frozen=True)
class SampleRecord:
    """A picture for whoever has none at hand."""

    name: str
    about: str
    picture: str  # the address of a small copy below the server's root


def looks(environ: Mapping[str, str] = os.environ, language: str = "en") -> list[LookRecord]:
    """All looks, the host's own first; without those that can't be painted here, see left_out."""
    return [_look(each, spec, language) for each, spec, why in _candidates(environ) if spec and not why]


def left_out(environ: Mapping[str, str]) -> list[str]:
    """A sentence for each of the host's own presets that is no look, for whoever starts the server."""
    return [
        f"Preset {each.name} is not offered: {why}"
        for each, _, why in _candidates(environ)
        if why and each.is_own
    ]


def preset_of(name: str, environ: Mapping[str, str] = os.environ) -> Document:
    """The settings of a preset that suits photographs; SpecError when there is none. name: from anywhere."""
    if name not in presets(environ):
        raise SpecError(f"preset: there is no look {show(name)}; choose one of those that are offered.")
    found = read_preset(name, environ)
    check_suits(check([found], params_of, PAINTERS).painter)
    return found


def picture_of(name: str, environ: Mapping[str, str]) -> Path | None:
    """The picture beside a preset of the host's own; None when there is none. name: from anywhere."""
    preset = presets(environ).get(name)
    return _picture_beside(preset) if preset and preset.is_own else None


def samples(language: str = "en") -> list[SampleRecord]:
    """The pictures that come along, of those that the installed scikit-image has."""
    there, texts = sample_files(), wording(language)["samples"]
    return [
        SampleRecord(name, texts[name], f"static/samples/{name}.webp")
        for name in _offered()["samples"]
        if name in there
    ]


def sample_file(name: str) -> Path | None:
    """The file of a sample that is offered; None for any other name."""
    return sample_files().get(name) if name in _offered()["samples"] else None


def _candidates(environ: Mapping[str, str]) -> Iterator[tuple[Preset, SharedSettings | None, str]]:
    """Each preset that may be a look, with its settings, and why it is none; "" when it is one."""
    there = presets(environ)
    own = [each for each in there.values() if each.is_own]
    listed = [there[name] for name in _offered()["looks"] if name in there and not there[name].is_own]
    for preset in (*own, *listed):
        try:
            spec = check([preset_of(preset.name, environ)], params_of, PAINTERS)
        except SpecError as exc:
            yield preset, None, str(exc)
        else:
            yield preset, spec, ""


def _look(preset: Preset, spec: SharedSettings, language: str) -> LookRecord:
    texts = {} if preset.is_own else wording(language)["looks"].get(preset.name, {})
    title, about = _titled(preset) if preset.is_own else (in_words(preset.name), preset.about)
    return LookRecord(
        preset.name,
        texts.get("title", title),
        texts.get("about", about),
        _address(preset),
        spec.painter.name,
        preset.is_own,
    )


def _titled(preset: Preset) -> tuple[str, str]:
    """Title and text of a preset's first line: "# Blue hour: a night in four blues.", or a text alone."""
    before, colon, after = preset.about.partition(": ")
    if colon and len(before) <= LONGEST and after.strip():
        return before.strip(), after.strip()[:1].upper() + after.strip()[1:]
    return in_words(preset.name), preset.about


def _address(preset: Preset) -> str | None:
    if preset.is_own:
        return f"api/looks/{quote(preset.name, safe='')}/picture" if _picture_beside(preset) else None
    path = f"looks/{preset.name}.webp"
    return f"static/{path}" if (STATIC / path).is_file() else None


def _picture_beside(preset: Preset) -> Path | None:
    paths = (preset.path.with_suffix(suffix) for suffix in SUFFIXES)
    return next((path for path in paths if path.is_file()), None)


@cache
def _offered() -> Mapping[str, Sequence[str]]:
    """The names in offered.yaml, by what they are."""
    found: dict[str, list[str]] = yaml.safe_load((HERE / "offered.yaml").read_text("utf-8"))
    return found
