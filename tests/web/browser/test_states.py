"""What the page does in each state: what is said and sent, where the focus goes, whether all can use it."""

import json
from importlib import import_module
from importlib.util import find_spec

import pytest

pytest.importorskip("playwright.sync_api", reason="needs Playwright, of the extra test")
from playwright.sync_api import expect

from engine.web.page import STATIC
from tests.web.browser.pretending import DONE, FILES, HOST, ID, JOB, POINTS, Studio

PICTURE = (STATIC / "samples/chelsea.webp").read_bytes()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
QUEUED = {**JOB, "state": "queued", "doing": None, "place": 2, "wait": 40, "preview": 0, "progress": None}


@pytest.fixture
def studio(browser):
    opened = Studio(browser)
    for name in ("picture.png", "preview.png", "result.png"):
        opened.answers[f"GET /api/jobs/{ID}/{name}"] = PICTURE
    yield opened
    opened.close()


def at_start(studio, path="/"):
    page = studio.open(path)
    expect(page.get_by_label("Shapes", exact=True)).to_be_visible()
    return page


def with_picture(studio):
    page = at_start(studio)
    page.get_by_role("button", name="A cat").click()
    return page


def at(studio, job, *said):
    studio.job(job, *said)
    page = studio.open(f"/p/{ID}")
    expect(page.get_by_role("heading", name=job["name"], exact=True)).to_be_visible()
    return page


def in_gallery(studio, *jobs):
    studio.answers["GET /api/jobs"] = {"jobs": jobs, "bytes": 2_300_000, "bytes_most": 500_000_000}
    page = studio.open("/?paintings")
    expect(page.locator("#paintings li")).to_have_count(len(jobs))
    return page


def refused(studio):
    page = with_picture(studio)
    studio.answers["POST /api/jobs"] = (
        422,
        {"detail": "film.duration: a film is at most a minute long."},
        {},
    )
    page.get_by_role("button", name="Paint it").click()
    return page


def shared(studio):
    studio.answers[f"GET /api/shared/{ID}"] = {**DONE, "files": ["result.png", "film.mp4"]}
    studio.answers[f"GET /api/shared/{ID}/result.png"] = PICTURE
    return studio.open(f"/s/{ID}")


def deleting(studio):
    page = at(studio, DONE)
    page.get_by_role("button", name="Delete this painting").click()
    return page


def with_more(studio):
    page = at_start(studio)
    page.get_by_text("More settings").click()
    page.get_by_label("My own colours").check()
    return page


def focused(page):
    return page.evaluate("document.activeElement.id")


STATES = {
    "start": at_start,
    "picture": with_picture,
    "more": with_more,
    "refused": refused,
    "queued": lambda studio: at(studio, QUEUED),
    "painting": lambda studio: at(studio, JOB, ("curve", {"points": POINTS})),
    "finished": lambda studio: at(studio, DONE, ("curve", {"points": POINTS})),
    "stopped": lambda studio: at(studio, {**DONE, "state": "stopped"}),
    "failed": lambda studio: at(studio, {**JOB, "state": "failed", "message": "The disk is full."}),
    "deleting": deleting,
    "shared": shared,
    "gallery": lambda studio: in_gallery(studio, DONE, {**QUEUED, "id": "f" * 32}),
    "empty gallery": in_gallery,
    "gone": lambda studio: studio.open("/p/unknown"),
}


@pytest.mark.skipif(
    find_spec("axe_playwright_python") is None, reason="axe-playwright-python is not installed"
)
@pytest.mark.parametrize("state", STATES)
def test_nobody_is_shut_out_in_any_state(studio, state):
    axe = import_module("axe_playwright_python.sync_playwright").Axe()
    page = STATES[state](studio)
    page.emulate_media(reduced_motion="reduce")
    expect(page.locator("h1:visible")).to_have_count(1)
    for scheme, rules in (("light", RULES), ("dark", ["cat.color"])):
        page.emulate_media(color_scheme=scheme)
        found = axe.run(page, options={"runOnly": rules}).response
        assert found["passes"]
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]] == []
    page.set_viewport_size({"width": 320, "height": 640})  # what is seen of 1280 px enlarged four times
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_only_what_differs_from_the_look_is_sent_and_the_painting_opens(studio):
    page = with_picture(studio)
    page.get_by_role("radio", name="Circles").check(force=True)
    page.get_by_label("Shapes, as a number").fill("300")
    page.get_by_label("A few colours of the picture").check()
    studio.job(QUEUED)
    studio.answers["POST /api/jobs"] = QUEUED
    page.get_by_role("button", name="Paint it").click()
    expect(page).to_have_url(f"{HOST}/p/{ID}")
    expect(page.get_by_role("heading", name="A cat")).to_be_focused()
    settings = {"preset": "circles", "count": 300, "palette": 6}
    parts = dict(part.split('"', 1) for part in studio.sent[-1].split('name="')[1:])
    assert {name: text.split("\r\n")[2] for name, text in parts.items()} == {
        "sample": "chelsea",
        "settings": json.dumps(settings, separators=(",", ":")),
        "name": "A cat",
    }


def test_without_a_picture_nothing_is_sent_and_the_way_to_one_has_the_focus(studio):
    page = at_start(studio)
    page.get_by_role("button", name="Paint it").click()
    expect(page.get_by_text("Choose a picture first.")).to_be_visible()
    assert (focused(page), studio.sent) == ("file", [])
    page.get_by_role("button", name="A cat").click()
    expect(page.get_by_text("Choose a picture first.")).to_have_count(0)


def test_a_number_that_can_t_be_is_told_at_its_field_before_anything_is_sent(studio):
    page = with_picture(studio)
    exact = page.get_by_label("Shapes, as a number")
    exact.fill("9000")
    page.get_by_role("button", name="Paint it").click()
    expect(exact).to_be_focused()
    expect(exact).to_have_attribute("aria-invalid", "true")
    assert studio.sent == []
    exact.fill("900")
    expect(exact).not_to_have_attribute("aria-invalid", "true")
    page.get_by_role("slider", name="Shapes").press("End")
    expect(exact).to_have_value("8000")


def test_a_refused_setting_is_found_under_more_and_what_was_chosen_is_kept(studio):
    page = refused(studio)
    field = page.get_by_label("Length")
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description("film.duration: a film is at most a minute long.")
    expect(page.locator("#chosen-name")).to_have_text("A cat")


@pytest.mark.parametrize("status", [413, 415, 429, 503, 507])
def test_a_refusal_is_said_in_place_and_nothing_is_lost(studio, status):
    page = with_picture(studio)
    studio.answers["POST /api/jobs"] = (status, {"detail": "Not now."}, {"Retry-After": "40"})
    page.get_by_role("button", name="Paint it").click()
    expect(page.get_by_role("alert").filter(has_text="Not now. In 40 s")).to_be_focused()
    expect(page.get_by_role("button", name="Another picture")).to_be_visible()
    studio.job(QUEUED)
    studio.answers["POST /api/jobs"] = QUEUED
    page.get_by_role("button", name="Paint it").click()
    expect(page).to_have_url(f"{HOST}/p/{ID}")


def test_what_was_set_for_a_painter_outlives_looks_and_views_until_it_is_taken_back(studio):
    page = at_start(studio)
    exact = page.get_by_label("Shapes, as a number")
    exact.fill("300")
    page.get_by_role("radio", name="Circles").check(force=True)
    page.get_by_role("link", name="My paintings").click()
    page.get_by_role("link", name="New painting").click()
    expect(exact).to_have_value("300")
    expect(page.get_by_role("radio", name="Circles")).to_be_checked()
    page.get_by_role("button", name="Back to how this look is meant").click()
    expect(exact).to_have_value("600")


def test_a_lost_connection_is_said_and_taken_up_again(studio):
    page = at(studio, JOB, ("curve", {"points": POINTS}))
    expect(page.get_by_text("The connection is lost. Trying again …")).to_be_visible()
    before = studio.asked.count(f"GET /api/jobs/{ID}/events")
    studio.job(DONE)
    expect(page.get_by_role("heading", name="Take it home")).to_be_visible()
    page.wait_for_timeout(1200)
    assert studio.asked.count(f"GET /api/jobs/{ID}/events") > before


def test_a_painting_that_was_deleted_elsewhere_is_gone(studio):
    at(studio, JOB)
    studio.answers[f"GET /api/jobs/{ID}/events"] = 'event: gone\ndata: {"id": "x"}\n\n'
    expect(studio.page.get_by_role("heading", name="This painting isn't here")).to_be_focused()


def test_a_curve_is_drawn_and_told(studio):
    page = at(studio, JOB, ("curve", {"points": POINTS}), ("point", [7.0, 0.04]))
    told = "Error over the time of painting: it fell from 0.3 to 0.04 in 7 s."
    expect(page.get_by_role("img", name=told)).to_be_visible()


def test_stop_and_go_on_ask_for_it_and_keep_the_focus(studio):
    page = at(studio, JOB)
    studio.answers[f"POST /api/jobs/{ID}/stop"] = studio.becomes({**DONE, "state": "stopped"})
    page.get_by_role("button", name="Stop here").click()
    expect(page.get_by_role("button", name="Go on", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", name="A cat")).to_be_focused()


def test_go_on_for_longer_asks_for_a_multiple_of_the_effort(studio):
    page = at(studio, DONE)
    expect(page.get_by_label("How much longer").locator("option")).to_have_count(
        2
    )  # twice, four times: 8 at most
    studio.answers[f"POST /api/jobs/{ID}/resume"] = studio.becomes(QUEUED)
    page.get_by_label("How much longer").select_option("4")
    page.get_by_role("button", name="Go on for longer").click()
    expect(page.locator("#state")).to_contain_text("Number 2 in line")
    assert json.loads(studio.sent[-1]) == {"effort": 8}


@pytest.mark.parametrize("shown", ["Compare", "Film"])
def test_going_on_shows_the_painting_whatever_was_shown(studio, shown):
    page = at(studio, DONE)
    page.locator("#shows label").filter(has_text=shown).click()
    studio.answers[f"POST /api/jobs/{ID}/resume"] = studio.becomes(QUEUED)
    page.get_by_role("button", name="Go on for longer").click()
    expect(page.locator("#state")).to_contain_text("Number 2 in line")
    expect(page.locator("#frame")).to_be_visible()
    expect(page.locator("#shows input[value=painting]")).to_be_checked()


def test_another_seed_paints_the_same_picture_with_the_same_settings(studio):
    page = at(studio, {**DONE, "settings": {"preset": "triangles", "count": 300}})
    studio.answers["POST /api/jobs"] = (429, {"detail": "Five wait already."}, {})
    page.get_by_role("button", name="With another seed").click()
    expect(page.get_by_role("alert").filter(has_text="Five wait already.")).to_be_visible()
    assert f"{ID}\r\n" in studio.sent[-1]
    assert '{"preset":"triangles","count":300,"seed":' in studio.sent[-1]


def test_another_look_opens_the_start_with_the_picture(studio):
    at(studio, DONE).get_by_role("link", name="With another look").click()
    expect(studio.page.get_by_role("img", name="The picture to paint")).to_be_visible()
    expect(studio.page.get_by_role("radio", name="Triangles")).to_be_checked()


def test_a_file_that_can_t_be_made_is_refused_in_place(studio):
    page = at(studio, DONE)
    studio.answers[f"GET /api/jobs/{ID}/result.svg"] = (422, {"detail": "A photograph has no lines."}, {})
    page.get_by_role("link", name="Drawing (SVG)", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="A photograph has no lines.")).to_be_visible()
    assert page.url == f"{HOST}/p/{ID}"


def test_a_link_for_others_is_made_shown_and_taken_back(studio):
    page = at(studio, DONE)
    studio.answers[f"POST /api/jobs/{ID}/share"] = {"url": "/s/abc"}
    studio.answers[f"DELETE /api/jobs/{ID}/share"] = ""
    page.get_by_role("button", name="Make a link").click()
    expect(page.get_by_label("Link to the painting")).to_have_value(f"{HOST}/s/abc")
    page.get_by_role("button", name="Show it no longer").click()
    expect(page.get_by_role("button", name="Make a link")).to_be_focused()


def test_deleting_asks_first_and_deletes_then(studio):
    page = deleting(studio)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert f"DELETE /api/jobs/{ID}" not in studio.asked
    studio.answers[f"DELETE /api/jobs/{ID}"] = ""
    page.get_by_role("button", name="Delete this painting").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("Nothing hangs here yet. Your paintings will.")).to_be_visible()


def test_others_see_a_painting_without_its_picture_or_any_control(studio):
    page = shared(studio)
    expect(page.get_by_role("heading", name="A cat")).to_be_visible()
    expect(page.get_by_role("link", name="Picture (PNG)")).to_be_visible()
    for name in ("Compare", "Stop here", "Delete this painting", "Make a link", "With another seed"):
        expect(page.get_by_text(name, exact=True)).not_to_be_visible()
    assert not [asked for asked in studio.asked if "picture.png" in asked or "/events" in asked]


def test_a_name_is_text_whatever_it_says(studio):
    name = "<img src=x onerror=document.title='bad'><b>cat</b> {n} & ‮"
    page = at(studio, {**DONE, "name": name})
    assert page.title() == f"{name} · Tessera"
    page.get_by_role("button", name="Delete this painting").click()
    expect(page.locator("#ask-text")).to_contain_text(name)
    expect(page.locator("#ask b, #painting b")).to_have_count(0)


def test_the_link_to_the_content_opens_nothing_anew(studio):
    page = at(studio, DONE)
    page.wait_for_timeout(200)
    before = studio.asked.count(f"GET /api/jobs/{ID}")
    page.get_by_role("link", name="Skip to the content").press("Enter")
    page.wait_for_timeout(200)
    assert focused(page) == "main"
    assert studio.asked.count(f"GET /api/jobs/{ID}") <= before + 1  # of the stream, which breaks off here


def test_at_a_sub_path_all_is_asked_for_below_it(browser):
    studio = Studio(browser, "/studio")
    foreign = []
    studio.page.on(
        "request", lambda request: foreign.append(request.url) if "/studio/" not in request.url else None
    )
    in_gallery(studio, {**DONE, "files": FILES})
    studio.job(DONE)
    studio.page.locator("#paintings a").click()
    expect(studio.page).to_have_url(f"{HOST}/studio/p/{ID}")
    expect(studio.page.get_by_role("link", name="Picture (PNG)")).to_be_visible()
    studio.page.get_by_role("link", name="New painting").click()
    expect(studio.page.get_by_label("Shapes", exact=True)).to_be_visible()
    studio.close()
    assert foreign == []


def test_without_scripts_the_page_says_what_it_needs(browser):
    studio = Studio(browser, java_script_enabled=False)
    expect(studio.open().get_by_role("heading", name="This page needs JavaScript")).to_be_visible()
    studio.close()
