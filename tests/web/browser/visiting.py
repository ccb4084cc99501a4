"""A visitor with a browser: what they see and do, by roles and texts, and what must never happen."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request, expect

from engine.web.page import texts
from tests.web.browser.serving import PATIENCE

TEXTS = texts("en")
SHOTS = os.environ.get("SCREENSHOTS")  # a folder, for whoever wants to look at them
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 860}
_NETWORK = re.compile(r"Failed to load resource|net::ERR_|the server responded with a status of 4")
LEAST_TARGET = 24  # pixels of what is to be hit by a finger
SETTLED = 400  # milliseconds that colours take to change
OVERHANG = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
SMALL_TARGETS = """(least) => [...document.querySelectorAll("a, button, input, select, summary")]
  .filter((one) => one.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
  .map((one) => (one.matches("[type=radio], [type=checkbox], [type=file]") && one.closest("label")) || one)
  .filter((one) => !one.matches(".unseen, .skip"))
  .map((one) => [one, one.getBoundingClientRect()])
  .filter(([one, box]) => box.width < least || box.height < least)
  .filter(([one]) => !(one.matches("a") && getComputedStyle(one).display === "inline"))
  .map(([one, box]) => `${one.outerHTML.slice(0, 80)} ${box.width} x ${box.height}`)"""

expect.set_options(timeout=PATIENCE * 1000)


def text(key: str, **values: object) -> str:
    """A text of the page, with its gaps filled."""
    return TEXTS[key].format(**values)


def pattern(key: str) -> re.Pattern[str]:
    """What a text of the page looks like, whatever stands in its gaps."""
    parts = re.split(r"\{\w+\}", TEXTS[key])
    return re.compile("^" + ".+".join(map(re.escape, parts)) + "$")


class Visitor:
    """Somebody with a browser of their own."""

    def __init__(self, browser: Browser, address: str, **settings: Any) -> None:
        self.address = address
        self.context = browser.new_context(**({"viewport": DESK, "locale": "en-GB"} | settings))
        self.faults: list[str] = []  # that no visitor must ever meet
        self.asked: list[str] = []  # addresses
        self.page = self.tab()

    def tab(self) -> Page:
        """One more tab of the same browser."""
        page = self.context.new_page()
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.faults.append(f"error in a script: {error}"))
        page.on("request", self._on_request)
        return page

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not _NETWORK.search(message.text):
            self.faults.append(f"console: {message.text}")

    def _on_request(self, request: Request) -> None:
        self.asked.append(request.url)
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.faults.append(f"asks another host: {request.url}")

    def open(self, path: str = "") -> Visitor:
        """Go to an address of the server."""
        self.page.goto(self.address + path)
        return self

    def button(self, key: str, **values: object) -> Locator:
        """A button by its text."""
        return self.page.get_by_role("button", name=text(key, **values), exact=True)

    def heading(self, key: str) -> Locator:
        """A heading by its text."""
        return self.page.get_by_role("heading", name=text(key), exact=True)

    def choose(self, *files: str | Path) -> None:
        """Choose a file in the dialog that the button opens."""
        with self.page.expect_file_chooser() as chooser:
            self.page.get_by_text(text("start.choose"), exact=True).click()
        chooser.value.set_files(list(files))

    def sample(self, about: str) -> None:
        """Take one of the samples."""
        self.page.get_by_role("button", name=about).click()

    def look(self, title: str) -> None:
        """Choose a look, and wait for its settings."""
        radio = self.page.get_by_role("radio", name=title)
        if radio.is_checked():
            return
        with self.page.expect_response("**/api/form?*"):
            radio.check(force=True)

    def paint(self, look: str = "Quick", about: str | None = "A cat") -> str:
        """Let a picture be painted; its address below the server's."""
        if about:
            self.sample(about)
        expect(self.page.get_by_role("img", name=text("start.chosen"))).to_be_visible()
        expect(self.heading("form.title")).to_be_visible()
        self.look(look)
        self.button("start.paint").click()
        expect(self.page).to_have_url(re.compile(r"/p/[0-9a-f]{32}$"))
        return self.page.url.removeprefix(self.address)

    def state(self, *keys: str) -> None:
        """Wait until the painting is in one of these states."""
        said = "|".join(pattern(key).pattern.strip("^$") for key in keys)
        expect(self.page.locator("#state")).to_have_text(re.compile(said))

    def finished(self) -> None:
        """Wait until the painting is finished."""
        self.state("state.finished")
        expect(self.heading("home.title")).to_be_visible()

    def take(self, name: str) -> Path:
        """Take a file home, by the words of its link; its path here, under the name that it comes with."""
        with self.page.expect_download(timeout=PATIENCE * 1000) as download:
            self.page.get_by_role("link", name=name, exact=True).click()
        path = Path(download.value.path())
        return path.rename(path.with_name(download.value.suggested_filename))

    def scan(self, name: str) -> None:
        """AssertionError for what a screen reader, a finger or a narrow screen would stumble over; a shot."""
        self.page.wait_for_timeout(SETTLED)
        self.shot(name)
        found = Axe().run(self.page)
        assert not found.response["violations"], f"{name}: {found.generate_report()}"
        assert self.page.evaluate(OVERHANG) <= 0, f"{name}: it is wider than the screen"
        small = self.page.evaluate(SMALL_TARGETS, LEAST_TARGET)
        assert not small, f"{name}: too small to be hit: {small}"

    def shot(self, name: str) -> None:
        """Keep what is seen, for whoever wants to look at it."""
        if SHOTS:
            Path(SHOTS).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=str(Path(SHOTS, f"{name}.png")), full_page=True)

    def close(self) -> None:
        """Leave; AssertionError for what must not have happened."""
        self.context.close()
        assert not self.faults, self.faults
