"""Values that nobody expects: of JSON, and of the settings of a spec."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

DEEP = 100_000  # brackets
LONG = 2_000_000  # characters

# As they stand in JSON, and with luck in YAML.
VALUES = {
    "null": "null",
    "true": "true",
    "a list": '[1, null, ["x"]]',
    "an object": '{"a": {"b": []}}',
    "a word": '"x"',
    "no word": '""',
    "nested deeply": "[" * DEEP + "]" * DEEP,
    "400 digits": "9" * 400,
    "5,000 digits": "9" * 5000,
    "a fraction": "0.5",
    "not a number": "NaN",
    "infinite": "-Infinity",
    "negative": "-1",
    "1e308": "1e308",
    "a thousand millions": "1000000000",
    "very long": f'"{"x" * LONG}"',
    "half a pair": '"\\ud800"',
    "control characters": '"\\u0000\\u001b[2J\\n\\r"',
}

# Names of programs, of what lies outside, and sizes that nobody has room for; {...} as Site names them.
SETTINGS = (
    ("notify.on-success", "{tool}"), ("notify.on-failure", "{tool}"), ("film.encoder", "{tool}"),
    ("target", "{secret}"), ("target", "{outside}"), ("target", "/dev/zero"), ("importance", "{secret}"),
    ("from", "{outside}"), ("animation.to", "{outside}"), ("out", "{outside}/made"), ("out", "../../outside"),
    ("size", "1000000000"), ("size", "0"), ("result-size", "1000000000"), ("grid", "1000000x1000000"),
    ("seed", "-1"), ("workers", "1000000"), ("nice", "-20"), ("painter.name", "os:system"),
    ("painter.count", "1000000000"), ("budget.effort", "1e308"), ("budget.effort", ".nan"),
    ("budget.time", "1e308"), ("budget.until", "{tool}"), ("record.every", "0"), ("record.keep", "0"),
    ("checkpoint.every", "0s"), ("checkpoint.every", "1e308"), ("film.size", "1000000000"),
    ("film.fps", "1000000000"), ("film.duration", "1e308"), ("film.hold", "-1s"), ("film.dedup", "dhash:-1"),
    ("film.format", "[mp4, ../../outside/x]"), ("film.max-bytes", "1"), ("film.codec", "{tool}"),
    ("export.size", "1000000000"), ("export.precision", "1000000000"), ("export.page", "1e9x1e9"),
    ("export.pens", "1000000000"), ("export.pen", "1e-30mm"), ("export.format", "../../../outside/x"),
)  # fmt: skip

_BOMB = "\n".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 10))
# Whole specs; braces are doubled.
TEXTS = {
    "a bomb of aliases": f"a0: &a0 [x]\n{_BOMB}\n",
    "a Python object": '!!python/object/apply:os.system ["{tool}"]\n',
    "an object in a setting": 'target: !!python/object/apply:os.system ["{tool}"]\n',
    "an alias of itself": "target: &a [*a]\n",
    "brackets without end": "target: " + "[" * 10_000 + "\n",
    "keys that are lists": "? [a, [b]]\n: 1\n",
    "two documents": "target: x\n---\ntarget: y\n",
    "tabs": "target:\t\tx\n\tsize: 1\n",
    "UTF-16": "\ufeffÿþt\0a\0r\0",
    "only a list": "[1, 2, 3]\n",
    "the same key a thousand times": "target: x\n" * 1000,
    "a date": "target: 2030-01-31 06:00:00\nsize: 0x7fffffffffffffff\n",
}

_MARK = "the place of the value"


def mutated(document: Any, raw: str, rng: random.Random) -> str:
    """JSON of a document with raw text in place of one of the values in it, its leaves most often."""
    places = list(_places(document))
    leaves = [(owner, key) for owner, key in places if not isinstance(owner[key], list | dict)]
    owner, key = rng.choice(leaves if leaves and rng.random() < 0.8 else places)
    owner[key] = _MARK
    return json.dumps(document).replace(f'"{_MARK}"', raw)


def _places(document: Any) -> Iterator[tuple[Any, Any]]:
    """Each value inside, as who has it and by which key."""
    for key in document if isinstance(document, dict) else range(len(document)):
        yield document, key
        if isinstance(document[key], list | dict):
            yield from _places(document[key])
