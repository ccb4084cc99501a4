"""A browser for all tests of the page, a server for each module, and a visitor for each test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.web.browser.serving import Server
    from tests.web.browser.visiting import Visitor

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class Painted(NamedTuple):
    """A painting that is there."""

    path: str  # of its page, below the server's address
    owner: dict[str, Any]  # settings of a browser that is its owner's


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's own browser; while it is open no other test can have an event loop of its own."""
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip(f"there is no browser here (one of {', '.join(BROWSERS)})")
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=flags)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with quick looks, where sharing is on."""
    from tests.web.browser.serving import Server

    found = Server(tmp_path_factory.mktemp("server"))
    yield found
    found.close()


@pytest.fixture(scope="module")
def painted(browser: Browser, server: Server) -> Painted:
    """A painting that somebody has, and the cookies by which they are known."""
    from tests.web.browser.visiting import Visitor

    visitor = Visitor(browser, server.address).open()
    path = visitor.paint()
    visitor.finished()
    cookies = visitor.context.storage_state()
    visitor.close()
    return Painted(path, {"storage_state": cookies})


@pytest.fixture
def visit(browser: Browser, server: Server) -> Iterator[Callable[..., Visitor]]:
    """Visitors, each with a browser of their own; settings: of the browser's context."""
    from tests.web.browser.visiting import Visitor

    there: list[Visitor] = []

    def come(**settings: Any) -> Visitor:
        there.append(Visitor(browser, server.address, **settings))
        return there[-1].open()

    yield come
    for visitor in there:
        visitor.close()


@pytest.fixture
def visitor(visit: Callable[..., Visitor]) -> Visitor:
    """One of them, at the start."""
    return visit()


@pytest.fixture(scope="session")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture that somebody has."""
    from PIL import Image

    from engine.image.samples import sample_files

    path = tmp_path_factory.mktemp("photo") / "My holiday.jpg"
    with Image.open(sample_files()["coffee"]) as picture:
        picture.convert("RGB").resize((180, 120)).save(path)
    return path
