"""What a batch is to do: pictures and specs from the command line, or from a jobs file such as

defaults: {count: 2000}
jobs:
  - target: photos/*.jpg
  - configs/portrait.yaml
"""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from engine.errors import SpecError
from engine.painters.registry import PAINTERS, params_of
from engine.regular_files import read_any
from engine.spec.messages import show
from engine.spec.models import NotifySettings, RunSpec
from engine.spec.resolution import check, resolve
from engine.spec.settings import Document, Setting, document_of, read_document
from engine.spec.templates import has_gaps
from engine.spec.yaml_reader import Where, compose, is_spec, plain, read_text

SECTIONS = ("defaults", "outputs", "notify", "jobs")
_WILD = re.compile(r"[*?\[]")


@dataclass(frozen=True)
class Task:
    """A picture to make; what users call a job, a word that the engine has for a tile's."""

    name: str  # what it is called on the screen
    spec: RunSpec | None  # None: there is a problem with it
    problem: str = ""


@dataclass(frozen=True)
class Around:
    """The settings that all jobs have in common, weakest first."""

    below: tuple[Document, ...] = ()  # what a job overrides,
    above: tuple[Document, ...] = ()  # and what overrides it: the command line


ALONE = Around()


@dataclass(frozen=True)
class Jobs:
    """A jobs file."""

    tasks: tuple[Task, ...]
    outputs: str | None
    notify: NotifySettings


def tasks_of(source: str, around: Around = ALONE) -> list[Task]:
    """The tasks of TARGET or SPEC.yaml, several for a pattern such as photos/*.jpg.

    A problem is a task without a spec.
    """
    try:
        paths = _matches(source, "")
    except SpecError as exc:
        return [Task(source, None, str(exc))]
    return [task for path in paths for task in _file(path, around)]


def _file(path: str, around: Around) -> list[Task]:
    """The tasks of a picture, or of a spec, whose target may be a pattern."""
    try:
        if not is_spec(path):
            target = Document("command line", {"target": Setting(path, "TARGET")})
            return _tasks([target], around)
        return [replace(task, name=path) for task in _tasks([read_document(Path(path))], around)]
    except SpecError as exc:
        return [Task(path, None, str(exc))]


def read_jobs(path: Path, around: Around = ALONE) -> Jobs:
    """Read a jobs file; SpecError when it is none, or when a setting that concerns all jobs is wrong."""

    def place(line: int) -> str:
        return f"{path}:{line}"

    sections = _sections(path, place)
    defaults = Document(str(path), {})
    if "defaults" in sections:
        defaults = document_of(sections["defaults"], _start(sections["defaults"], place), place)
    check([*around.below, defaults], params_of, PAINTERS)
    whole = check([_whole(sections, place)], params_of, PAINTERS)
    entries = sections.get("jobs")
    if not isinstance(entries, yaml.SequenceNode) or not entries.value:
        raise SpecError(f"{path}: jobs must be a list of pictures and specs, such as - target: photo.jpg.")
    tasks = [task for entry in entries.value for task in _entry(entry, defaults, around, place)]
    return Jobs(tuple(tasks), whole.out, whole.notify)


def _sections(path: Path, place: Where) -> dict[str, yaml.Node]:
    """The parts of a jobs file by name."""
    root = compose(read_text(path, read_any), place)
    if not isinstance(root, yaml.MappingNode):
        raise SpecError(f'{path} must hold "jobs:" and below it a list, such as - target: photo.jpg.')
    sections: dict[str, yaml.Node] = {}
    for key, value in root.value:
        where = place(key.start_mark.line + 1)
        name = key.value if isinstance(key, yaml.ScalarNode) else ""
        if name not in SECTIONS:
            known = ", ".join(SECTIONS)
            raise SpecError(f"{where}: {show(name)} isn't a part of a jobs file; there are {known}.")
        if name in sections:
            raise SpecError(f"{where}: {name} is given twice; keep one of them.")
        sections[name] = value
    return sections


def _whole(sections: dict[str, yaml.Node], place: Where) -> Document:
    """What is said of the batch as a whole, as settings that a spec has, too."""
    settings: dict[str, Setting] = {}
    if "outputs" in sections:
        node = sections["outputs"]
        settings["out"] = Setting(plain(node), f"{_start(node, place)}: outputs")
    if "notify" in sections:
        node = sections["notify"]
        settings |= document_of(node, f"{_start(node, place)}: notify", place, "notify.").settings
    return Document("", settings)


def _entry(node: yaml.Node, defaults: Document, around: Around, place: Where) -> list[Task]:
    """The tasks of one item of the list: a picture, a spec, or settings with at least one of them."""
    where = _start(node, place)
    around = replace(around, below=(*around.below, Document(where, defaults.settings)))
    if isinstance(node, yaml.ScalarNode) and node.value:
        return tasks_of(node.value, around)
    try:
        own = dict(document_of(node, where, place).settings)
    except SpecError as exc:
        return [Task(where, None, str(exc))]
    spec = own.pop("spec", None)
    known = own.get("target") or spec
    name = known.value if known and isinstance(known.value, str) and known.value else where
    try:
        tasks = _tasks([*_documents(spec), Document(where, own)], around)
    except SpecError as exc:
        return [Task(name, None, str(exc))]
    return tasks if "target" in own or spec is None else [replace(task, name=name) for task in tasks]


def _documents(spec: Setting | None) -> list[Document]:
    """The settings of an item's spec, if it has one."""
    if spec is None:
        return []
    if not isinstance(spec.value, str) or not spec.value:
        raise SpecError(f"{spec.subject} must be the path of a spec, not {show(spec.value)}.")
    return [read_document(Path(spec.value))]


def _start(node: yaml.Node, place: Where) -> str:
    return place(node.start_mark.line + 1)


def _tasks(own: Sequence[Document], around: Around) -> list[Task]:
    """One task for each picture that the settings name; SpecError for what concerns all of them."""
    documents = [*around.below, *own, *around.above]
    merged: dict[str, Setting] = {}
    for document in documents:
        merged |= document.settings
    target = merged.get("target")
    if target is None or not isinstance(target.value, str):
        resolve(documents, params_of, PAINTERS)
        raise AssertionError("a target is missing, or no text")
    pictures = _matches(target.value, f"{target.subject}: ")
    if len(pictures) > 1 and "out" in merged and not has_gaps(str(merged["out"].value)):
        raise SpecError(
            f"{merged['out'].subject} is one folder for {len(pictures)} pictures; "
            "leave it out and set outputs, or give it a gap such as {name}."
        )
    tasks = []
    for picture in pictures:
        one = Document(own[-1].source, {"target": Setting(picture, target.subject)})
        tasks.append(Task(picture, resolve([*documents, one], params_of, PAINTERS)))
    return tasks


def _matches(pattern: str, subject: str) -> list[str]:
    """The files that a pattern stands for, sorted; a text that is none stands for itself."""
    if not _WILD.search(pattern) or os.path.lexists(pattern):
        return [pattern]
    found = glob.glob(pattern, recursive=True)  # noqa: PTH207 - Path.glob takes no absolute pattern
    files = sorted(path for path in found if Path(path).is_file())
    if not files:
        raise SpecError(f"{subject}no file in {Path.cwd()} matches {show(pattern)}.")
    return files
