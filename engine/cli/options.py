"""What several commands have in common: two switches, and where runs are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

OUTPUTS = Path("outputs")

Quiet = Annotated[bool, typer.Option("--quiet", help="Print nothing when all is well.")]
Trust = Annotated[
    bool,
    typer.Option(
        "--trust", help="Run the programs that its spec names (notify, film.encoder), whoever made it."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print a line of JSON for each event.")]
