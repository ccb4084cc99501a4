"""JSON from anywhere, believed only as far as it can be held: one reader for files, logs and manifests.

Python's own reader takes NaN and infinity, numbers of any length, half surrogate pairs, names given twice,
and nests until the stack ends; what comes of these fails later, elsewhere, and not as a ValueError.
"""

from __future__ import annotations

import json
import re
from typing import Any

MAX_DEPTH = 64  # objects and arrays in each other; ours have six
MAX_DIGITS = 19  # of an integer: those of 2**63

# What may be a number that is too large, or half of a surrogate pair. It is rare (digits in a hash look like
# it, too), and only then is each number and each word looked at.
_DOUBTFUL = re.compile(r"[0-9]{19}|[0-9][eE]\+?[0-9]{3}")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
# All that isn't a bracket: words, an unfinished one too, and what lies between.
_NO_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[^"\[\]{}]+', re.DOTALL)


def parse(content: bytes | str) -> Any:
    """What a JSON document says, as dict, list, str, int, float, bool and None; ValueError when it is none.

    Integers lie within -2**63 and 2**63 - 1, floats are finite, no text holds half a surrogate pair (but
    bytes of files' names that aren't UTF-8, \\udc80 to \\udcff), no name is given twice in an object, and
    nothing nests deeper than MAX_DEPTH. Bytes are UTF-8, 16 or 32. How much memory it takes (up to some forty
    times the content) is for the caller to bound.
    """
    text = content if isinstance(content, str) else content.decode(json.detect_encoding(content))
    if text.count("[") + text.count("{") > MAX_DEPTH and _is_deep(text):
        raise ValueError(f"nested deeper than {MAX_DEPTH} levels")
    value = (_CAREFUL if _DOUBTFUL.search(text) else _QUICK).decode(text)
    if _SURROGATE.search(text) or not (isinstance(content, bytes) or text.isascii()):
        _check_text(value)
    return value


def _is_deep(text: str) -> bool:
    """Whether objects and arrays nest too deeply, or don't match, without descending into them."""
    brackets = _NO_BRACKETS.sub("", text)
    for _ in range(MAX_DEPTH):
        left = brackets.replace("[]", "").replace("{}", "")
        if len(left) in (0, len(brackets)):
            return bool(left)
        brackets = left
    return True


def _check_text(value: Any) -> None:
    """ValueError for half a surrogate pair in a name or a text, unless it is a byte of a file's name.

    Those are how Python has names that aren't UTF-8 (PEP 383).
    """
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as exc:
        raise ValueError("half of a surrogate pair (\\ud800 to \\udfff) without its other half") from exc


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice[:40]!a} is given twice in one object")
    return value


def _integer(digits: str) -> int:
    if len(digits) <= MAX_DIGITS + 1 and -(2**63) <= (value := int(digits)) < 2**63:
        return value
    raise ValueError(f"an integer of {len(digits.lstrip('-'))} digits; the largest is {2**63 - 1}")


def _float(digits: str) -> float:
    if (value := float(digits)) - value == 0:
        return value
    raise ValueError(f"{digits[:40]} is too large a number")


def _constant(name: str) -> float:
    raise ValueError(f"{name} is no number in JSON")


_QUICK = json.JSONDecoder(parse_constant=_constant, object_pairs_hook=_object)
_CAREFUL = json.JSONDecoder(
    parse_constant=_constant, object_pairs_hook=_object, parse_int=_integer, parse_float=_float
)
