"""YAML as text that knows its lines: every value with its path and where it stands.

Words stay text until a field asks for a number or a truth value: `target: 007` is a file name, `count: yes`
is no number, and a resolved spec reads back as the same spec.
"""

import errno
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

from engine.errors import SpecError
from engine.regular_files import read_regular
from engine.spec.messages import one_line, show

MAX_BYTES = 100_000  # a spec has a few dozen lines; PyYAML reads some 100 kB a second
MAX_DEPTH = 20  # PyYAML composes recursively

_SUFFIXES = (".yaml", ".yml")

# In no name of a file, no command and no file of ours; bytes of a name that isn't UTF-8 are.
_FOREIGN = re.compile("[\\x00\\ud800-\\udc7f\\udd00-\\udfff]")
_NULLS = ("", "~", "null", "Null", "NULL")
_ANCHORS = "anchors (&), aliases (*) and tags (!) aren't known here; write it out, or in quotes"

Where = Callable[[int], str]  # the words that open a sentence about a line, which counts from 1


def is_spec(path: str) -> bool:
    """Whether a name is that of a YAML file, in capitals or not; pictures are told by what they hold."""
    return path.lower().endswith(_SUFFIXES)


def read_text(path: Path, read: Callable[[Path, int], bytes] = read_regular) -> str:
    """The text of a YAML file; SpecError when it can't be read or can be no spec.

    read: how, see engine.regular_files.
    """
    try:
        content = read(path, MAX_BYTES)
    except FileNotFoundError as exc:
        raise SpecError(f"{path} doesn't exist; give the path of a YAML file.") from exc
    except OSError as exc:
        if exc.errno in (errno.EISDIR, errno.EINVAL):
            what = "a folder" if exc.errno == errno.EISDIR else exc.strerror
            raise SpecError(f"{path} is {what}; give a YAML file.") from exc
        if exc.errno == errno.EFBIG:
            raise SpecError(f"{path} is larger than {MAX_BYTES // 1000} kB; that is no spec.") from exc
        raise SpecError(f"{path} can't be read: {exc.strerror}.") from exc
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as exc:
        raise SpecError(f"{path} isn't UTF-8 text (byte {exc.start}); save it as UTF-8.") from exc


def compose(text: str, place: Where) -> yaml.Node | None:
    """Parse YAML into nodes, which know their lines; None for an empty text, SpecError for a faulty one."""
    try:
        depth = 0
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                problem = "it is nested too deeply"
            elif isinstance(event, yaml.ScalarEvent) and _FOREIGN.search(event.value):
                problem = "a zero byte and half a surrogate pair can't be in a text"
            elif isinstance(event, yaml.NodeEvent) and (event.anchor or getattr(event, "tag", None)):
                problem = _ANCHORS
            else:
                continue
            raise SpecError(_unreadable(place, event.start_mark, problem))
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as exc:
        if exc.context in ("while scanning an alias", "while scanning an anchor"):  # such as *.jpg
            raise SpecError(_unreadable(place, exc.context_mark, _ANCHORS)) from exc
        raise SpecError(_unreadable(place, exc.problem_mark, exc.problem)) from exc
    except yaml.reader.ReaderError as exc:
        line = text.count("\n", 0, exc.position) + 1
        raise SpecError(f"{place(line)}: the character {exc.character:#x} can't be in YAML.") from exc
    except (ValueError, OverflowError) as exc:  # PyYAML: "\UFFFFFFFF", a version of 5,000 digits
        raise SpecError(f"{place(1)}: can't be read as YAML: {one_line(exc)}.") from exc


def leaves(node: yaml.MappingNode, prefix: str, place: Where) -> Iterator[tuple[str, int, object]]:
    """Yield (path as written, line, value) of all below a mapping; SpecError for a key given twice."""
    lines: dict[str, int] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise SpecError(f"{place(line)}: a key must be one word, such as size.")
        written, name = prefix + key.value, key.value.replace("-", "_")
        if name in lines:
            both = f"on lines {lines[name]} and {line}"
            raise SpecError(f"{place(line)}: {show(written)} is given twice, {both}; keep one of them.")
        lines[name] = line
        if isinstance(value, yaml.MappingNode) and value.value:
            yield from leaves(value, f"{written}.", place)
        else:
            yield written, line, plain(value)


def plain(node: yaml.Node) -> object:
    """A node as text, None, list or dict; numbers stay text, because only the field knows what it wants."""
    if isinstance(node, yaml.ScalarNode):
        return None if node.style is None and node.value in _NULLS else node.value
    if isinstance(node, yaml.SequenceNode):
        return [plain(item) for item in node.value]
    return {str(key.value): plain(value) for key, value in node.value}


def _unreadable(place: Where, mark: Any, problem: object) -> str:
    """The sentence about what YAML can't take."""
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return f"{place(line)}: can't be read at column {column}: {one_line(problem)}."
