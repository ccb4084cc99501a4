"""What may stand where the cursor is: commands, flags, and values of flags, for any shell."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.cli.takes_settings import SETTINGS

FILES = ("FILE", "PATH", "FOLDER", "YAML", "PNG", "RUN", "TARGET", "IMAGE")  # in a metavar: so are files


@dataclass(frozen=True)
class Candidates:
    """What may stand there: words with what they mean, and perhaps any file."""

    words: Mapping[str, str]
    has_files: bool = False


NOTHING = Candidates({})
_LITERAL = re.compile("[a-z]+([|][a-z]+)*")  # a metavar that is the choices themselves


def candidates(group: Any, words: Sequence[str]) -> Candidates:
    """What may stand in the place of the last word.

    words: all after the program's name, the last one unfinished.
    """
    *done, last = _joined(words) or [""]
    if not done:
        return _starting(last, _options(group) if last.startswith("-") else _commands(group))
    command = group.commands.get(done[0])
    if command is None or "--" in done:
        return Candidates({}, has_files="--" in done)
    if hasattr(command, "commands"):
        return candidates(command, [*done[1:], last])
    options = {
        name: each for each in command.params for name in each.opts if each.param_type_name == "option"
    }
    name, equals, value = last.partition("=")
    if equals and name in options and name.startswith("--"):
        found = _values(command, options[name], value)
        return Candidates({f"{name}={word}": about for word, about in found.words.items()})
    before = options.get(done[-1]) if len(done) > 1 else None
    if before is not None and not before.is_flag:
        return _values(command, before, last)
    if last.startswith("-"):
        return _starting(last, _options(command))
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    commands = _commands(group) if arguments and arguments[0].metavar == "COMMAND" else {}
    return _of_metavar(arguments[0].metavar, last, commands) if arguments else NOTHING


def _joined(words: Sequence[str]) -> list[str]:
    """The words as they were typed: bash parts --shape=quad and film.codec=h264 into three each."""
    found: list[str] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word == "=" and found:
            found[-1] += "=" + (rest.pop(0) if rest else "")
        else:
            found.append(word)
    return found


def _commands(group: Any) -> dict[str, str]:
    return {name: each.help for name, each in group.commands.items() if not each.hidden}


def _options(command: Any) -> dict[str, str]:
    shown = (each for each in command.params if each.param_type_name == "option" and not each.hidden)
    found = {name: each.help for each in shown for name in each.opts if name.startswith("--")}
    return {**found, "--help": "Print this help."}


def _starting(text: str, words: Mapping[str, str], has_files: bool = False) -> Candidates:
    return Candidates(
        {word: about for word, about in words.items() if word.startswith(text)}, has_files=has_files
    )


def _values(command: Any, option: Any, text: str) -> Candidates:
    """The values of an option that begin with a text; of a list, of its last word."""
    setting = getattr(command.callback, SETTINGS, {}).get(option.name)
    if setting is not None:
        from engine.cli.flag_facts import facts_of  # which loads all models

        facts = facts_of(setting)
        return _of_metavar(facts.metavar, text, facts.choices)
    if "--set" in option.opts:
        return Candidates(dict(_assignments(text)))
    if "--preset" in option.opts:
        from engine.spec.presets import presets

        return _starting(text, {name: each.about for name, each in presets(os.environ).items()}, True)
    return _of_metavar(option.metavar or "", text, {})


def _of_metavar(metavar: str, text: str, choices: Mapping[str, str]) -> Candidates:
    """The choices, and what the word for a value says: runs, samples, files."""
    words = dict(choices)
    if _LITERAL.fullmatch(metavar):
        words |= dict.fromkeys(metavar.split("|"), "")
    if "RUN" in metavar:
        from engine.cli.runs import names_of_runs

        words |= dict.fromkeys(names_of_runs(), "a run in outputs/")
    if "TARGET" in metavar or "IMAGE" in metavar:
        from engine.image.blank import EXAMPLE
        from engine.image.samples import samples

        words |= dict.fromkeys(samples(), "a sample")
        words |= {EXAMPLE: "white paper of that size"} if "TARGET" in metavar else {}
    if "NET/LAYER" in metavar:
        from engine.painters.curves.networks.names import KNOWN

        words |= {f"{name}/{layer}": known.about for name, known in KNOWN.items() for layer in known.layers}
    has_files = any(word in metavar.upper() for word in FILES)
    if ",..." in metavar:
        head, comma, _ = text.rpartition(",")
        words = {f"{head}{comma}{word}": about for word, about in words.items()}
    return _starting(text, words, has_files)


def _assignments(text: str) -> Iterator[tuple[str, str]]:
    """Settings, as KEY.PATH=, or when the key is complete with each of its values."""
    from engine.cli.flag_facts import facts_of, settings_by_path
    from engine.spec.messages import dashed

    key, equals, value = text.partition("=")
    paths = {dashed(path): next(iter(facts.values())) for path, facts in settings_by_path().items()}
    if not equals:
        yield from ((f"{path}=", each.about) for path, each in paths.items() if path.startswith(text))
    elif key in paths:
        choices = facts_of(key).choices
        yield from ((f"{key}={word}", about) for word, about in choices.items() if word.startswith(value))
