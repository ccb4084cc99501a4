"""How a command comes by the settings of its flags: it declares an argument and tables of flags."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer

from engine.cli.flags import NO_FILM, SHORT, Headed, Switch
from engine.cli.options import GENERAL

SETTINGS = "settings_by_parameter"  # of a command's function: which setting a parameter of typer's is
Decorator = Callable[[Callable[..., None]], Callable[..., None]]

OF_RUNS = ("from", "to")  # flags whose values may be names of runs


def takes_settings(flags: Headed, metavar: str, about: str, *, many: bool = False) -> Decorator:
    """Give a command an argument, these flags, --no-film and --set.

    It is called with the argument (with many: a list, perhaps an empty one), and documents of the settings
    from the flags and from --set.
    """
    return functools.partial(_with_settings, {"": flags}, NO_FILM, metavar, about, many)


def takes_settings_below(
    sections: Mapping[str, Headed], switches: Mapping[str, Switch], metavar: str, about: str
) -> Decorator:
    """Give a command an argument, flags for settings of some sections, and --set; as `takes_settings`.

    sections: flags by section of the YAML file.
    """
    below = {f"{section}.": flags for section, flags in sections.items()}
    return functools.partial(_with_settings, below, switches, metavar, about, False)


def _with_settings(
    sections: Mapping[str, Headed],
    switches: Mapping[str, Switch],
    metavar: str,
    about: str,
    many: bool,
    command: Callable[..., None],
) -> Callable[..., None]:
    flags = [
        (name, prefix + name, heading, text)
        for prefix, headed in sections.items()
        for heading, texts in headed.items()
        for name, text in texts.items()
    ]
    settings = {name: setting for name, setting, _, _ in flags}
    settings |= {name: switch.setting for name, switch in switches.items()}

    def run(source: Any, assignments: list[str] | None, **values: Any) -> None:
        from engine.cli.runs import among_outputs
        from engine.spec.settings import from_assignments, from_flags

        given = {name: values.pop(_parameter(name)) for name, *_ in flags}
        given |= {name: among_outputs(given[name]) for name in OF_RUNS if given.get(name)}
        given |= {name: switch.value for name, switch in switches.items() if values.pop(_parameter(name))}
        command(source, [from_flags(given, settings), from_assignments(assignments or [])], **values)

    argument = typer.Argument(metavar=metavar, help=about)
    setting = typer.Option(
        "--set", metavar="KEY.PATH=VALUE", help="Any other setting; may be repeated.", rich_help_panel=GENERAL
    )
    parameters = [
        _keyword("source", Annotated[list[str] | None, argument], None)
        if many
        else _keyword("source", Annotated[str, argument]),
        *(_keyword(_parameter(name), _valued(name, heading, text), None) for name, _, heading, text in flags),
        *(_keyword(_parameter(name), _switched(name, switch), False) for name, switch in switches.items()),
        _keyword("assignments", Annotated[list[str] | None, setting], None),
        *list(inspect.signature(command).parameters.values())[2:],
    ]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    run.__doc__, run.__name__ = command.__doc__, command.__name__
    setattr(run, SETTINGS, {_parameter(name): settings[name] for name, *_ in flags})
    return run


def _keyword(name: str, annotation: Any, default: object = inspect.Parameter.empty) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _valued(name: str, heading: str, about: str) -> Any:
    names = [f"--{name}", *(f"-{letter}" for letter in [SHORT.get(name)] if letter)]
    return Annotated[str | None, typer.Option(*names, help=about, rich_help_panel=heading)]


def _switched(name: str, switch: Switch) -> Any:
    return Annotated[bool, typer.Option(f"--{name}", help=switch.help, rich_help_panel=switch.heading)]


def _parameter(flag: str) -> str:
    """The name of a flag in Python, where `from` is taken."""
    return f"flag_{flag.replace('-', '_')}"
