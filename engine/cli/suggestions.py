"""Wrong usage of the command line, as one sentence with what is perhaps meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from engine.cli.takes_settings import SETTINGS
from engine.errors import SpecError
from engine.spec.messages import dashed, listed, one_line, show

# What other programs call what ours do.
OTHER_WORDS = {
    "paint": "render",
    "draw": "render",
    "run": "render",
    "continue": "resume",
    "restart": "resume",
    "video": "film",
    "movie": "film",
    "mp4": "film",
    "gif": "film",
    "save": "export",
    "svg": "export",
    "pdf": "export",
    "plot": "export",
    "list": "status",
    "ls": "status",
    "clean": "prune",
    "rm": "prune",
    "web": "serve",
    "server": "serve",
    "check": "doctor",
    "config": "spec",
    "settings": "spec",
    "count": "words",
    "version": "--version",
}
PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".yaml", ".yml")
OF_RUNS = {"film": ("film.",), "animate": ("animation.", "film."), "export": ("export.",)}
NOT_OF_OTHERS = ("animation.", "export.")  # groups of settings that mean nothing while a picture is painted


def wrong_usage(
    command: Any, args: Sequence[str], error: typer.TyperException, group: Any, name: str
) -> SpecError:
    """The sentence about arguments that a command can't take.

    group: the program, with all its commands, or a group of them. name: how it is called, such as "render".
    """
    said = error.format_message()
    option = getattr(error, "option_name", None)
    if hasattr(error, "possibilities"):
        return SpecError(_no_option(command, str(option), args, group, name))
    if hasattr(error, "option_name"):
        if "not take" in said:
            return SpecError(f"{option} takes no value; leave out what follows its =.")
        return SpecError(f"{option} needs a value{_such_as(command, str(option))}.")
    if said.startswith("Invalid value") and (given := getattr(error, "param", None)) is not None:
        return SpecError(f"{given.opts[0]} must be {_number(given)}, not {_value(given, args)}.")
    found = _words(command, args)
    if found.swallowed:
        return SpecError(f"{found.swallowed} needs a value{_such_as(command, found.swallowed)}.")
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    if said.startswith("Missing option"):
        missing = getattr(error, "param", None)
        return SpecError(f"{name} needs {missing.opts[0]} {missing.metavar}." if missing else f"{said}.")
    if said.startswith("Missing") and arguments:
        about = (arguments[0].help or "").rstrip(".")
        return SpecError(f"{name} needs {arguments[0].metavar}: {about[:1].lower()}{about[1:]}.")
    if said.startswith("Got unexpected extra"):
        return SpecError(_too_many(name, arguments, found.words))
    return SpecError(f"{one_line(said)}; tessera {name} --help says what it takes.")


def unknown_command(args: Sequence[str], known: Collection[str]) -> SpecError:
    """The sentence about a command that there isn't."""
    word, rest = args[0], " ".join(args[1:2])
    start = f"there is no command {show(word)}"
    if Path(word).suffix.lower() in PICTURES or Path(word).is_file():
        return SpecError(f"{start}; did you mean tessera render {word}?")
    if word.lower() in OTHER_WORDS:
        return SpecError(f"{start}; did you mean tessera {OTHER_WORDS[word.lower()]}?")
    meant = {name: name for name in known} | _meant(rest)
    if close := difflib.get_close_matches(word.lower(), meant, 1):
        return SpecError(f"{start}; did you mean {meant[close[0]]}?")
    return SpecError(f"{start}; there are {', '.join(known)}.")


def unknown_in_group(word: str, known: Collection[str], path: str) -> SpecError:
    """The sentence about a command that a group hasn't got. path: of the group, such as "tessera brush"."""
    if close := difflib.get_close_matches(word.lower(), known, 1):
        return SpecError(f"there is no command {path} {word}; did you mean {path} {close[0]}?")
    return SpecError(f"there is no command {path} {word}; there are {listed(list(known))}.")


_WORDS = (
    ("shape", "--shape"),
    ("look", "--painter gng --look"),
    ("objective", "--painter curves --objective"),
)


def _meant(rest: str) -> dict[str, str]:
    """What is perhaps meant by a word that is a value of a flag. rest: the argument after it, or ""."""
    from engine.cli.flag_facts import facts_of

    found: dict[str, str] = {}
    for setting, start in _WORDS:
        found |= {
            word: f"tessera render {rest or 'PICTURE'} {start} {word}" for word in facts_of(setting).choices
        }
    effects = facts_of("animation.effect").choices
    return found | {word: f"tessera animate {rest or 'RUN'} --effect {word}" for word in effects}


def _number(option: Any) -> str:
    """What an option takes that typer itself checks."""
    if option.min is None:
        return option.metavar or "something else"
    if option.max is not None:
        return f"a whole number from {option.min} to {option.max:,}"
    return f"a whole number of {option.min} or more"


def _value(option: Any, args: Sequence[str]) -> str:
    """The value that it has been given, the last where there are several."""
    found = "that"
    for word, after in zip(args, [*args[1:], ""], strict=True):
        if word in option.opts:
            found = show(after)
        elif "=" in word and word.partition("=")[0] in option.opts:
            found = show(word.partition("=")[2])
    return found


class _Found:
    """The words of a command line that are no options, and an option that has taken another for its value."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.swallowed = ""


def _words(command: Any, args: Sequence[str]) -> _Found:
    takes_value = {
        name for each in command.params if not getattr(each, "is_flag", True) for name in each.opts
    }
    found, rest = _Found(), list(args)
    while rest:
        word = rest.pop(0)
        if word == "--":
            found.words += rest
            break
        if word in takes_value and rest:
            if rest[0].startswith("--") and rest[0] in _options(command):
                found.swallowed = found.swallowed or word
            rest.pop(0)
        elif not word.startswith("-") or word == "-":
            found.words.append(word)
    return found


def _options(command: Any) -> dict[str, Any]:
    options = (each for each in command.params if each.param_type_name == "option" and not each.hidden)
    return {name: each for each in options for name in each.opts} | {"--help": None, "-h": None}


def _no_option(command: Any, option: str, args: Sequence[str], group: Any, name: str) -> str:
    """The sentence about an option that a command hasn't got."""
    known = _options(command)
    if not option.startswith("--"):  # -count is read as -c, -o, ...
        whole = next((word for word in args if re.match(f"{re.escape(option)}[a-z]{{2}}", word)), option)
        option = f"-{whole.partition('=')[0]}" if len(whole) > 2 else option
    if option in known:
        return f"{name} has no option {option[1:]}; did you mean {option}?"
    word = option.lstrip("-").replace("-", "_")
    path = _setting(word, OF_RUNS.get(name))
    if path and "--set" in known and f"--{dashed(word)}" not in known:
        return f"{name} has no option {option}, but a setting: --set {dashed(path)}=VALUE"
    others = [each.name for each in getattr(group, "commands", {}).values() if option in _options(each)]
    if others and command is not group:
        return f"{name} has no option {option}; that is for {listed(others)}."
    if others:
        return f"{option} belongs after the command: {_path(name)} {others[0]} ... {option}"
    if close := difflib.get_close_matches(option, known, 1, 0.7):
        return f"{name} has no option {option}; did you mean {close[0]}?"
    return f"{name} has no option {option}; {_help(name)} lists them."


def _help(name: str) -> str:
    return f"{_path(name)} --help"


def _path(name: str) -> str:
    return name if name == "tessera" else f"tessera {name}"


def _setting(word: str, sections: tuple[str, ...] | None) -> str:
    """The path of a setting that is called so, or below a group with this as its whole name; "" for none."""
    from engine.cli.flag_facts import settings_by_path

    paths = [
        path
        for path in settings_by_path()
        if (path.startswith(sections) if sections else not path.startswith(NOT_OF_OTHERS))
    ]
    return next((path for path in paths if word in (path, path.rpartition(".")[2])), "")


def _such_as(command: Any, option: str) -> str:
    """What it takes, as the rest of a sentence; "" when that isn't known."""
    found = _options(command).get(option)
    settings: Mapping[str, str] = getattr(command.callback, SETTINGS, {})
    if found is not None and found.name in settings:
        from engine.cli.flag_facts import facts_of

        return f": {facts_of(settings[found.name]).takes}"
    return f": {found.metavar}" if found is not None and found.metavar else ""


def _too_many(name: str, arguments: Sequence[Any], words: Sequence[str]) -> str:
    """The sentence about words that are too many."""
    if not arguments:
        return f"{name} takes no arguments, and {show(words[0])} is one."
    if name in ("render", "spec"):
        many = f"tessera batch {' '.join(words)}"
        return f"{name} takes one picture, and there are {len(words)}; did you mean {many}?"
    return f"{name} takes one {arguments[0].metavar}, and there are {len(words)}: {', '.join(words)}."
