"""Tables, printed row by row and kept as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Cell = str | float | None

NAME_WIDTH = 44
LEAST_WIDTH = 9

# Formats of columns, so that a figure looks the same in every table.
ERROR = ".4f"
SECONDS = ".2f"
RATIO = ".3f"
WHOLE = ",.0f"
TEXT = ""


class Report:
    """Prints tables, and keeps a JSON file with all that has been printed so far when it is given a path."""

    def __init__(self, path: Path | None) -> None:
        self.tables: list[dict[str, Any]] = []
        self.path = path
        self._columns: dict[str, str] = {}

    def table(self, title: str, columns: dict[str, str]) -> None:
        """Begin a table. columns: name -> format, without the first one, which names the rows."""
        self.tables.append({"title": title, "rows": []})
        self._columns = columns
        print(f"\n{title}")
        self._print("", list(columns))

    def row(self, name: str, *cells: Cell) -> None:
        """Add a row; None leaves a cell empty."""
        row = dict(zip(self._columns, cells, strict=True))
        self.tables[-1]["rows"].append({"name": name, **row})
        self._print(name, [_shown(row[column], how) for column, how in self._columns.items()])
        self._save()

    def note(self, text: str) -> None:
        """A sentence below a table."""
        self.tables[-1].setdefault("notes", []).append(text)
        print(f"  {text}", flush=True)
        self._save()

    def _print(self, name: str, cells: list[str]) -> None:
        """Numbers to the right of their columns, words to the left."""
        line = [f"{name:{NAME_WIDTH}}"]
        for cell, (column, how) in zip(cells, self._columns.items(), strict=True):
            side = "<" if how == TEXT else ">"
            line.append(f"  {cell:{side}{max(len(column), LEAST_WIDTH)}}")
        print("".join(line).rstrip(), flush=True)

    def _save(self) -> None:
        """Now, so that a bench that is stopped after an hour leaves what it has measured."""
        if self.path is not None:
            self.path.write_text(json.dumps(self.tables, indent=2) + "\n")


def _shown(cell: Cell, how: str) -> str:
    if cell is None:
        return ""
    return cell if isinstance(cell, str) else format(cell, how)
