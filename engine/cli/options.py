"""What several commands have in common: options, and where runs are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

GENERAL = "General"  # the heading in --help of what nearly every command has
OUTPUTS = Path("outputs")

Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="Print nothing when all is well.", rich_help_panel=GENERAL)
]
Verbose = Annotated[
    bool,
    typer.Option(
        "--verbose",
        "-v",
        help="Print more: a line for each step, and before a new run the settings that aren't defaults.",
        rich_help_panel=GENERAL,
    ),
]
Trust = Annotated[
    bool,
    typer.Option(
        "--trust",
        help="Run the programs that its spec names (notify, film.encoder), whoever made it.",
        rich_help_panel=GENERAL,
    ),
]
Files = Annotated[
    list[str] | None,
    typer.Option(
        "-o",
        metavar="FILE",
        help="Make this file, as its suffix says; may be repeated. {name}, {painter}, {shape}, {count}, "
        "{seed}, {n} and {date} are filled in; - is standard output. [none by default]",
        rich_help_panel="Output",
    ),
]
Force = Annotated[
    bool,
    typer.Option("--force", help="Replace files that are there already.", rich_help_panel="Output"),
]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print a line of JSON for each event.", rich_help_panel=GENERAL)
]
AsArray = Annotated[bool, typer.Option("--json", help="Print a JSON array.", rich_help_panel=GENERAL)]
Preset = Annotated[
    str | None,
    typer.Option(
        "--preset",
        metavar="NAME|FILE.yaml",
        help="A recipe to begin with; tessera presets lists them.",
        rich_help_panel="Painter",
    ),
]
Pool = Annotated[
    str,
    typer.Option(
        "--pool",
        metavar="processes|local:N|tcp://HOST:PORT",
        help="Who paints: processes of this machine, or a Dask cluster, here or elsewhere.",
        rich_help_panel="Work",
    ),
]
PoolGrace = Annotated[
    str,
    typer.Option(
        "--pool-grace",
        metavar="TIME",
        help="How long a Dask scheduler that is gone is waited for.",
        rich_help_panel="Work",
    ),
]
IN_PROCESSES, FIVE_MINUTES = "processes", "5m"
Run = Annotated[
    str, typer.Argument(metavar="RUN", help="A run's folder, or its name among the outputs: photo.")
]
