"""The help of a command as a value, from which --help, the man pages and the tests are made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from engine.cli.examples import EXAMPLES
from engine.cli.options import GENERAL
from engine.cli.takes_settings import SETTINGS

ARGUMENTS = "Arguments"
PLAIN = "Options"  # the heading of options that have no other


@dataclass(frozen=True)
class Entry:
    """An option, an argument or a command, and what is said of it."""

    names: str  # such as "-n, --count N"
    about: str


@dataclass(frozen=True)
class Page:
    """All that the help of a command, or of the program, says."""

    name: str  # such as "tessera render"
    usage: str  # without the name
    about: str
    sections: tuple[tuple[str, tuple[Entry, ...]], ...]
    examples: tuple[tuple[str, str], ...] = ()  # a command line, and what it does
    notes: tuple[str, ...] = ()


def page_of(command: Any, name: str) -> Page:
    """The page of a command of typer's, or of a group of them. name: such as "tessera render"."""
    if hasattr(command, "commands"):
        return program_page(command, name)
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    sections: dict[str, list[Entry]] = {}
    if arguments:
        sections[ARGUMENTS] = [Entry(each.metavar, each.help or "") for each in arguments]
    for option, entry in options_of(command):
        sections.setdefault(option.rich_help_panel or PLAIN, []).append(entry)
    sections.setdefault(GENERAL, []).append(_HELP)
    last = sections.pop(GENERAL)
    return Page(
        name=name,
        usage=" ".join(["[OPTIONS]", *(each.metavar for each in arguments)]),
        about=command.help or "",
        sections=tuple((heading, tuple(entries)) for heading, entries in {**sections, GENERAL: last}.items()),
        examples=EXAMPLES.get(called(name), ()),
    )


def program_page(group: Any, name: str) -> Page:
    """The page of the program, or of a group: its commands by subject."""
    sections: dict[str, list[Entry]] = {}
    for command in group.commands.values():
        if not command.hidden:
            sections.setdefault(command.rich_help_panel, []).append(Entry(command.name, command.help or ""))
    own = [Entry(", ".join(_sorted(each.opts)), each.help or "") for each in group.params]
    return Page(
        name=name,
        usage="[OPTIONS] COMMAND [ARGS]...",
        about=group.help or "",
        sections=(
            *((heading, tuple(entries)) for heading, entries in sections.items()),
            (PLAIN, (*own, _HELP)),
        ),
        examples=EXAMPLES.get(called(name), ()),
        notes=(f"{name} COMMAND --help has the options of a command.", *filter(None, [group.epilog])),
    )


def visible_commands(group: Any) -> dict[str, Any]:
    """The commands that help shows, those of groups among them, by their names: "render", "brush dataset"."""
    found = {}
    for name, command in group.commands.items():
        if not command.hidden:
            found[name] = command
            inner = visible_commands(command) if hasattr(command, "commands") else {}
            found |= {f"{name} {each}": inner[each] for each in inner}
    return found


def called(path: str) -> str:
    """What a command is called without the program: "render" of "tessera render"; "tessera" itself."""
    return path.partition(" ")[2] or path


def options_of(command: Any) -> Iterator[tuple[Any, Entry]]:
    """Each visible option of a command, and its entry."""
    settings = getattr(command.callback, SETTINGS, {})
    for option in command.params:
        if option.param_type_name == "option" and not option.hidden:
            yield option, _entry(option, settings.get(option.name))


def _entry(option: Any, setting: str | None) -> Entry:
    names, about = ", ".join(_sorted(option.opts)), option.help or ""
    if option.is_flag:
        return Entry(names, about)
    if setting is not None:
        from engine.cli.flag_facts import facts_of  # which loads all models

        facts = facts_of(setting)
        return Entry(f"{names} {facts.metavar}", f"{about} [{facts.takes}; {facts.default}]")
    return Entry(f"{names} {option.metavar}", f"{about} {_bounds(option)}".rstrip())


def _bounds(option: Any) -> str:
    """The range and the default of an option that is no setting; "" when its text has them."""
    if option.multiple or "[" in (option.help or ""):
        return ""
    least = [] if option.min is None else [f"from {option.min}"]
    default = "none by default" if option.default is None else f"default: {option.default}"
    return f"[{'; '.join([*least, default])}]"


def _sorted(names: list[str]) -> list[str]:
    """The short one first, as hands look for it."""
    return sorted(names, key=lambda name: name.startswith("--"))


_HELP = Entry("-h, --help", "Print this help.")
