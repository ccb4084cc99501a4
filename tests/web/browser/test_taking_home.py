"""What has been painted is compared, filmed, downloaded, shared, painted once more, and deleted."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import imageio_ffmpeg
import pypdfium2
import pytest
import yaml
from PIL import Image

pytest.importorskip("playwright.sync_api", reason="needs Playwright, of the extra test")
pytest.importorskip("axe_playwright_python", reason="needs axe, of the extra test")
pytest.importorskip("fastapi", reason="needs the extra web")

from playwright.sync_api import expect

from tests.web.browser.visiting import text


@pytest.fixture
def owner(visit, painted):
    """Whoever has the painting, before it."""
    visitor = visit(**painted.owner).open(painted.path)
    visitor.finished()
    return visitor


def test_each_file_comes_home_and_opens(owner):
    owner.page.get_by_label(text("home.size")).select_option(label=text("home.pixels", n="1,024"))
    picture = owner.take(text("home.png"))
    assert picture.suffix == ".png"
    with Image.open(picture) as opened:
        assert max(opened.size) == 1024
    for key in ("file.result.svg", "file.plot.svg"):
        assert ElementTree.parse(owner.take(text(key))).getroot().tag.endswith("svg")
    assert len(pypdfium2.PdfDocument(owner.take(text("file.result.pdf")))) == 1
    assert re.match("IN;.*PD", owner.take(text("file.plot.hpgl")).read_text(), re.DOTALL)
    with Image.open(owner.take(text("file.film.gif"))) as opened:
        assert getattr(opened, "n_frames", 1) > 3
    frames, seconds = imageio_ffmpeg.count_frames_and_secs(str(owner.take(text("file.film.mp4"))))
    assert frames > 3
    assert 1 < seconds < 3
    assert len(json.loads(owner.take(text("file.result.json")).read_text())["marks"]) > 10
    settings = owner.take(text("file.spec.yaml")).read_text()
    assert yaml.safe_load(settings)["painter"]["count"] == 60
    assert "/" not in settings.replace("16/9", "")


def test_it_is_compared_with_the_picture_by_a_slider(owner):
    page = owner.page
    page.get_by_role("radio", name=text("show.compare")).check(force=True)
    slider = page.get_by_role("slider", name=text("compare.label"))
    expect(slider).to_have_attribute("aria-valuetext", text("compare.value", percent="50%"))
    slider.focus()
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    expect(slider).not_to_have_attribute("aria-valuetext", text("compare.value", percent="50%"))
    owner.shot("compared")
    page.get_by_role("radio", name=text("show.film")).check(force=True)
    film = page.get_by_label(text("film.label"))
    expect(film).to_be_visible()
    page.wait_for_function("(film) => film.src.includes('film.mp4')", arg=film.element_handle())
    owner.shot("film")


def test_a_link_shows_it_to_others_until_it_is_ended(owner, visit):
    owner.button("share.make").click()
    link = owner.page.get_by_label(text("share.link"), exact=True)
    expect(link).to_be_visible()
    address = link.input_value()
    other = visit()
    other.page.goto(address)
    expect(other.page.get_by_role("img", name=text("picture.finished", name="A cat"))).to_be_visible()
    expect(other.page.get_by_text(text("shared.kicker"))).to_be_visible()
    for key in ("delete.this", "action.go-on", "again.seed", "share.make"):
        expect(other.button(key)).to_be_hidden()
    expect(other.page.get_by_role("radio", name=text("show.compare"))).to_be_hidden()
    with Image.open(other.take(text("home.png"))) as opened:
        assert opened.format == "PNG"
    other.scan("shared")
    owner.button("share.end").click()
    expect(owner.button("share.make")).to_be_visible()
    other.page.reload()
    expect(other.heading("gone.title")).to_be_visible()


def test_what_belongs_to_another_is_not_there(visit, painted):
    stranger = visit().open(painted.path)
    expect(stranger.heading("gone.title")).to_be_visible()
    expect(stranger.page.get_by_text(text("gone.text"))).to_be_visible()
    stranger.open("?paintings")
    expect(stranger.page.get_by_text(text("gallery.empty"))).to_be_visible()


def test_it_is_painted_once_more_for_longer_and_deleted(owner, painted):
    page = owner.page
    owner.button("again.seed").click()
    expect(page).not_to_have_url(re.compile(painted.path))
    another = page.url.removeprefix(owner.address)
    owner.finished()
    owner.button("longer.go").click()
    owner.state("state.painting", "state.remaining", "state.waiting", "state.preparing", "state.queued.one")
    owner.finished()
    owner.button("delete.this").click()
    expect(page.get_by_role("dialog", name=text("delete.title"))).to_be_visible()
    owner.scan("delete")
    owner.button("delete.no").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    owner.button("delete.this").click()
    page.get_by_role("dialog").get_by_role("button", name=text("delete.yes"), exact=True).click()
    expect(owner.heading("gallery.title")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="A cat")).to_have_count(1)
    owner.open(another)
    expect(owner.heading("gone.title")).to_be_visible()
    assert page.request.get(f"{owner.address}api/jobs/{another.partition('/')[2]}").status == 404
