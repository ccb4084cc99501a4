"""`tessera brush ...`: how a network learns the strokes of a brush, for whoever wants another one."""

from __future__ import annotations

import typer

from engine.cli.brush_compare import compare
from engine.cli.brush_dataset import dataset
from engine.cli.brush_train import train
from engine.cli.command import Command, Group

brush_app = typer.Typer(
    cls=Group,
    help="Teach a network another brush: strokes of a real paint engine, training, comparison.",
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode=None,
)
for _function in (dataset, train, compare):
    brush_app.command(cls=Command, rich_help_panel="Learning")(_function)


@brush_app.callback(invoke_without_command=True)
def _main(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        print(context.get_help())
