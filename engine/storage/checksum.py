"""What tells that bytes are those that were written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import IO, Any

PIECE = 1_000_000  # bytes of a file that are looked at together


def checksum(fields: Mapping[str, Any], payload: bytes) -> str:
    """Sha256 in hex of a header's fields, but for this one, and of all that follows it."""
    digest = hashlib.sha256(json.dumps(fields, sort_keys=True).encode())
    digest.update(payload)
    return digest.hexdigest()


def checksum_of_rest(fields: Mapping[str, Any], file: IO[bytes]) -> str:
    """The same of what follows in a file, which may be larger than the memory."""
    digest = hashlib.sha256(json.dumps(fields, sort_keys=True).encode())
    while piece := file.read(PIECE):
        digest.update(piece)
    return digest.hexdigest()
