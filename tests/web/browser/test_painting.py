"""A picture is dropped, painted before one's eyes, stopped, gone on with."""

from __future__ import annotations

import base64

import pytest

pytest.importorskip("playwright.sync_api", reason="needs Playwright, of the extra test")
pytest.importorskip("axe_playwright_python", reason="needs axe, of the extra test")
pytest.importorskip("fastapi", reason="needs the extra web")

from playwright.sync_api import expect

from tests.web.browser.visiting import text

ARRIVES = """([content, kind]) => {
  const bytes = Uint8Array.from(atob(content), (each) => each.charCodeAt(0));
  const file = new File([bytes], "My cat.jpg", { type: "image/jpeg" });
  const data = new DataTransfer();
  data.items.add(file);
  if (kind === "paste") {
    document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, cancelable: true }));
    return;
  }
  for (const name of ["dragenter", "dragover", "drop"]) {
    document.body.dispatchEvent(new DragEvent(name, { dataTransfer: data, bubbles: true, cancelable: true }));
  }
}"""


def previews(visitor):
    """The addresses of previews that were asked for."""
    return {url for url in visitor.asked if "preview.png" in url}


def test_a_photo_is_painted_before_ones_eyes_stopped_and_gone_on_with(visitor, photo):
    visitor.shot("start")
    visitor.choose(photo)
    expect(visitor.page.get_by_text("My holiday", exact=False).first).to_be_visible()
    visitor.shot("start-chosen")
    visitor.paint("Slow", about=None)
    visitor.state("state.painting", "state.remaining")
    page = visitor.page
    expect(page.get_by_role("progressbar", name=text("progress.label"))).to_be_visible()
    page.wait_for_function("() => document.querySelector('#progress').value > 0.2")
    assert len(previews(visitor)) >= 2, "it changes while one looks"
    visitor.shot("painting")
    visitor.button("action.stop").click()
    visitor.state("state.stopped")
    visitor.shot("stopped")
    page.reload()
    visitor.state("state.stopped")
    visitor.button("action.go-on").click()
    visitor.state("state.painting", "state.remaining")
    page.reload()
    visitor.finished()
    visitor.shot("finished")
    assert page.title().startswith("My holiday")


def test_a_picture_can_be_dropped_and_pasted(visitor, photo):
    content = base64.b64encode(photo.read_bytes()).decode()
    visitor.page.evaluate(ARRIVES, [content, "drop"])
    expect(visitor.page.get_by_text("My cat", exact=False).first).to_be_visible()
    visitor.button("start.change").click()
    visitor.open().page.evaluate(ARRIVES, [content, "paste"])
    expect(visitor.page.get_by_role("img", name=text("start.chosen"))).to_be_visible()
    visitor.paint(about=None)
    visitor.finished()
