"""What tells that bytes are those that were written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def checksum(fields: Mapping[str, Any], payload: bytes) -> str:
    """Sha256 in hex of a header's fields, but for this one, and of all that follows it."""
    digest = hashlib.sha256(json.dumps(fields, sort_keys=True).encode())
    digest.update(payload)
    return digest.hexdigest()
