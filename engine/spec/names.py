"""Names of files, which need not be UTF-8 and so are no texts to pydantic.

Python has bytes that aren't text as \\udc80 to \\udcff (PEP 383), and so have YAML and JSON of ours, escaped.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import PlainValidator

_BYTES = re.compile("[\\udc80-\\udcff]")
_LONGEST = 10_000  # characters


def has_bytes(text: str) -> bool:
    """Whether a text can only be the name of a file."""
    return _BYTES.search(text) is not None


def _checked(value: object) -> str:
    if isinstance(value, str) and 0 < len(value) <= _LONGEST:
        return value
    raise ValueError(f"no name of a file, of {_LONGEST:,} characters at most")


FileName = Annotated[str, PlainValidator(_checked)]
