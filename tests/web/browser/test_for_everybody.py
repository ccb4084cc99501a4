"""The page in dark and light, on a phone, with the keyboard alone, with a screen reader."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("playwright.sync_api", reason="needs Playwright, of the extra test")
pytest.importorskip("axe_playwright_python", reason="needs axe, of the extra test")
pytest.importorskip("fastapi", reason="needs the extra web")

from playwright.sync_api import Page, TimeoutError, expect

from tests.web.browser.visiting import DESK, PHONE, text

APPEARANCES: dict[str, dict[str, Any]] = {
    "light": {"viewport": DESK, "color_scheme": "light"},
    "dark-phone": {"viewport": PHONE, "color_scheme": "dark", "has_touch": True, "is_mobile": True},
}
MOST_TABS = 120


@pytest.mark.parametrize("name", APPEARANCES)
def test_no_state_of_the_page_shuts_anybody_out(name, visit, painted):
    visitor = visit(**APPEARANCES[name], **painted.owner)
    page = visitor.page
    expect(visitor.heading("form.title")).to_be_visible()
    visitor.scan(f"{name}-start")
    visitor.button("start.paint").click()
    expect(page.get_by_text(text("start.none"))).to_be_visible()
    visitor.sample("A cat")
    page.get_by_text(text("form.more"), exact=True).click()
    visitor.scan(f"{name}-chosen")
    visitor.open(painted.path).finished()
    visitor.scan(f"{name}-finished")
    visitor.open("?paintings")
    expect(page.get_by_role("heading", name="A cat").first).to_be_visible()
    visitor.scan(f"{name}-gallery")
    visitor.open(f"p/{'0' * 32}")
    expect(visitor.heading("gone.title")).to_be_visible()
    visitor.scan(f"{name}-gone")


def test_what_is_being_painted_is_told_to_everybody(visit):
    visitor = visit(viewport=PHONE)
    visitor.paint("Slow")
    visitor.state("state.painting", "state.remaining")
    visitor.scan("phone-painting")
    expect(visitor.page.get_by_role("status").filter(has_text=text("state.painting"))).to_have_count(1)
    visitor.button("action.stop").click()
    visitor.state("state.stopped")
    visitor.scan("phone-stopped")


def tab_to(page: Page, target) -> None:
    """Press the tabulator until something has the focus."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if target.evaluate("(one) => one === document.activeElement || one.contains(document.activeElement)"):
            return
    raise AssertionError(f"the tabulator doesn't come to {target}")


def choose(page: Page):
    """Press Enter where the focus is, until a dialog for files comes: a busy browser may miss one."""
    for seconds in (5, 10, 30):
        try:
            with page.expect_file_chooser(timeout=1000 * seconds) as chooser:
                page.keyboard.press("Enter")
            return chooser.value
        except TimeoutError:
            continue
    raise AssertionError("no dialog comes")


def test_the_keyboard_alone_is_enough_from_the_start_to_the_file(visitor, photo):
    page = visitor.page
    expect(visitor.heading("form.title")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name=text("site.skip"))).to_be_focused()
    visitor.shot("keyboard-skip")
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_label(text("start.choose"), exact=True))
    visitor.shot("keyboard-choose")
    choose(page).set_files(photo)
    expect(page.get_by_role("img", name=text("start.chosen"))).to_be_visible()
    tab_to(page, page.get_by_role("radio", name="Quick"))
    with page.expect_response("**/api/form?preset=c-lines"):
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="Lines")).to_be_checked()
    with page.expect_response("**/api/form?preset=a-quick"):
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowLeft")
    tab_to(page, visitor.button("start.paint"))
    page.keyboard.press("Enter")
    visitor.finished()
    tab_to(page, page.get_by_role("link", name=text("file.result.svg"), exact=True))
    visitor.shot("keyboard-file")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.suggested_filename.endswith(".svg")


def test_without_scripts_the_page_says_what_it_needs(visit):
    visitor = visit(java_script_enabled=False)
    expect(visitor.heading("noscript.title")).to_be_visible()
    visitor.shot("no-script")
