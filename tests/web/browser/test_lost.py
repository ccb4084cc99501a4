"""Connections that break, servers that are killed, several tabs, and what is refused."""

from __future__ import annotations

import pytest

pytest.importorskip("playwright.sync_api", reason="needs Playwright, of the extra test")
pytest.importorskip("axe_playwright_python", reason="needs axe, of the extra test")
pytest.importorskip("fastapi", reason="needs the extra web")

from playwright.sync_api import expect

from tests.web.browser.serving import MOST_BYTES, Server
from tests.web.browser.visiting import Visitor, text

PROGRESS = "() => document.querySelector('progress#progress').value"
FURTHER = "(before) => document.querySelector('progress#progress').value > before"


def goes_on(visitor):
    """Wait until the page shows that it is painted on, and stop it."""
    visitor.state("state.painting", "state.remaining")
    visitor.page.wait_for_function(FURTHER, arg=visitor.page.evaluate(PROGRESS))
    visitor.button("action.stop").click()
    visitor.state("state.stopped")


def test_a_lost_connection_is_told_and_it_goes_on_by_itself(visitor):
    visitor.paint("Slow")
    visitor.state("state.painting", "state.remaining")
    visitor.context.set_offline(True)
    expect(visitor.page.get_by_text(text("trouble.offline"))).to_be_visible()
    visitor.shot("offline")
    visitor.context.set_offline(False)
    expect(visitor.page.get_by_text(text("trouble.offline"))).to_be_hidden()
    goes_on(visitor)


@pytest.fixture
def mortal(tmp_path):
    """A server that may be killed."""
    found = Server(tmp_path)
    yield found
    found.close()


def test_a_server_that_is_killed_and_started_again_paints_on_and_the_page_with_it(browser, mortal):
    visitor = Visitor(browser, mortal.address).open()
    path = visitor.paint("Slow")
    visitor.state("state.painting", "state.remaining")
    mortal.kill()
    expect(visitor.page.get_by_text(text("trouble.lost"))).to_be_visible()
    visitor.shot("lost")
    mortal.start()
    expect(visitor.page.get_by_text(text("trouble.lost"))).to_be_hidden()
    goes_on(visitor)
    assert visitor.page.url.endswith(path), "without being loaded again"
    visitor.close()


def test_two_tabs_show_the_same(visitor):
    path = visitor.paint("Slow")
    visitor.state("state.painting", "state.remaining")
    tab = visitor.tab()
    tab.goto(f"{visitor.address}?paintings")
    painting = tab.get_by_role("listitem").filter(has_text="A cat")
    expect(painting).to_contain_text(text("state.short.painting"))
    visitor.button("action.stop").click()
    expect(painting).to_contain_text(text("state.short.stopped"))
    painting.get_by_role("button", name=text("delete.named", name="A cat")).click()
    tab.get_by_role("dialog").get_by_role("button", name=text("delete.yes"), exact=True).click()
    expect(tab.get_by_text(text("gallery.empty"))).to_be_visible()
    expect(visitor.heading("gone.title")).to_be_visible()
    assert visitor.page.url.endswith(path)


def test_what_is_refused_is_said_where_it_is_seen(visitor, tmp_path):
    page = visitor.page
    large, words = tmp_path / "large.png", tmp_path / "words.png"
    large.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(MOST_BYTES))
    words.write_text("no picture")
    expect(visitor.heading("form.title")).to_be_visible()
    visitor.choose(large)
    expect(page.get_by_role("alert").filter(has_text="at most")).to_be_visible()
    visitor.shot("too-large")
    visitor.choose(words)
    expect(page.get_by_text(text("start.unshown"))).to_be_visible()
    visitor.button("start.paint").click()
    expect(page.get_by_role("alert").filter(has_text="picture")).to_be_visible()
    visitor.shot("no-picture")
    visitor.button("start.change").click()
    visitor.sample("A cat")
    number = page.get_by_label("Shapes, as a number")
    number.fill("99999999")
    visitor.button("start.paint").click()
    expect(number).to_have_attribute("aria-invalid", "true")
    expect(number).to_be_focused()
    visitor.scan("refused")
    number.fill("60")
    visitor.paint(about=None)
    visitor.finished()
