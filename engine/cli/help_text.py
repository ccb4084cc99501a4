"""A page of help as plain text, nothing of it cut off, whatever the width."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterator, Sequence

from engine.cli.help_page import Entry, Page

NARROWEST, WIDEST = 40, 100  # columns
INDENT = 2


def width() -> int:
    """How many columns help has: as many as the terminal, or COLUMNS says."""
    return min(max(shutil.get_terminal_size().columns, NARROWEST), WIDEST)


def as_text(page: Page, columns: int) -> str:
    """The page, lines of at most so many columns but for words that are longer."""
    lines = [
        *_wrapped(f"{page.name} {page.usage}", columns, "Usage: ", " " * 7),
        "",
        *_wrapped(page.about, columns),
    ]
    for heading, entries in page.sections:
        lines += ["", f"{heading}:", *entries_of(entries, columns)]
    if page.examples:
        lines += ["", "Examples:", *_examples(page.examples, columns)]
    for note in page.notes:
        lines += ["", *_wrapped(note, columns)]
    return "\n".join(lines)


def entries_of(entries: Sequence[Entry], columns: int) -> Iterator[str]:
    """Names on the left and texts on the right; below each other where names are long."""
    most = max(columns // 3, 16)
    left = max((len(entry.names) for entry in entries if len(entry.names) <= most), default=most) + INDENT + 2
    for entry in entries:
        first = " " * INDENT + entry.names
        text = _wrapped(entry.about, columns, " " * left, " " * left)
        if len(first) + 2 > left:
            yield first
            yield from text
        else:
            yield first.ljust(left) + text[0].lstrip() if text else first
            yield from text[1:]


def _examples(examples: Sequence[tuple[str, str]], columns: int) -> Iterator[str]:
    """Command lines stay whole, so that they can be copied; what they do is beside or below them."""
    longest = max(len(line) for line, _ in examples) + 2 * INDENT
    if longest + max(len(text) for _, text in examples) + 2 <= columns:
        yield from (f"{' ' * INDENT}{line}".ljust(longest) + f"# {text}" for line, text in examples)
        return
    for line, text in examples:
        yield from _wrapped(text, columns, f"{' ' * INDENT}# ", f"{' ' * INDENT}# ")
        yield " " * INDENT + line


def _wrapped(text: str, columns: int, first: str = "", rest: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        columns,
        initial_indent=first,
        subsequent_indent=rest,
        break_on_hyphens=False,
        break_long_words=False,
    )
