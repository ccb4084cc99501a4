import ctypes
import re
import sys

import pytest

from engine.errors import ToolError
from engine.mypaint import native
from tests.doubles.paint_engine import needs_engine


@pytest.fixture
def nowhere(monkeypatch):
    """No libmypaint is to be found."""

    def refuse(name, **_):
        raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr(ctypes, "CDLL", refuse)
    native.library.cache_clear()
    yield
    native.library.cache_clear()


def test_a_missing_library_is_one_sentence_with_the_command(nowhere, monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(ToolError) as caught:
        native.library()
    assert str(caught.value) == (
        "libmypaint, the paint engine of MyPaint, is not on this machine; install it with: sudo apt-get "
        "install libmypaint-1.5-1."
    )
    assert "only tessera brush dataset" in native.found()
    monkeypatch.setattr(sys, "platform", "darwin")
    assert "brew install libmypaint" in native.found()


def test_a_library_without_our_functions_is_another_version(monkeypatch):
    monkeypatch.setattr(native, "NAMES", (None,))  # this process itself
    native.library.cache_clear()
    try:
        with pytest.raises(ToolError, match=re.escape("is no libmypaint 1.5 or 1.6; install it with")):
            native.library()
    finally:
        native.library.cache_clear()


@needs_engine
def test_what_is_there_is_named():
    assert "libmypaint" in native.found()
    assert "install" not in native.found()
