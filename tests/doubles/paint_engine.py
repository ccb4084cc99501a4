"""Whether this machine has the real paint engine, for tests that draw with it."""

import pytest

from engine.errors import ToolError
from engine.mypaint.native import library


def is_there() -> bool:
    try:
        library()
    except ToolError:
        return False
    return True


needs_engine = pytest.mark.skipif(
    not is_there(), reason="libmypaint is not installed (scripts/install brush brings it)"
)
