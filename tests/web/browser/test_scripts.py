"""The functions of the page's scripts, each by itself, in a browser."""

import pytest

pytest.importorskip("playwright.sync_api", reason="needs Playwright, of the extra test")

from tests.web.browser.pretending import JOB, Studio


@pytest.fixture(scope="module")
def call(browser):
    """Calls a function of a script: its name, and its arguments as JavaScript."""
    studio = Studio(browser)
    page = studio.open()

    def calling(script, expression):
        return page.evaluate(
            f"async () => {{ const m = await import('/static/app/{script}.js'); return {expression}; }}"
        )

    yield calling
    studio.close()


RANGES = [
    (1, 12000, "integer"),
    (64, 1024, "integer"),
    (0, 10, "integer"),
    (5, 5, "integer"),
    (0.1, 8, "number"),
    (-2, 2, "number"),
]


@pytest.mark.parametrize(("least", "most", "kind"), RANGES)
def test_a_slider_comes_to_both_ends_and_never_turns_back(call, least, most, kind):
    field = f"{{least: {least}, most: {most}, kind: '{kind}'}}"
    values = call("scale", f"Array.from({{length: 1001}}, (_, at) => m.scaleOf({field}).value(at))")
    assert (values[0], values[-1]) == (least, most)
    assert values == sorted(values)
    if kind == "integer":
        assert all(value == int(value) for value in values)
    places = call("scale", f"[{least}, {most}, -1e9, 1e9].map((value) => m.scaleOf({field}).place(value))")
    assert places == ([0, 1000, 0, 1000] if most > least else [0, 0, 0, 0])


def test_a_slider_stands_where_its_number_is(call):
    scale = "m.scaleOf({least: 1, most: 12000, kind: 'integer'})"
    numbers = [1, 7, 90, 600, 1000, 2000, 12000]
    found = call("scale", f"{numbers}.map((value) => {scale}.value({scale}.place(value)))")
    assert all(abs(one - number) <= 0.05 * number for one, number in zip(found, numbers, strict=True))


@pytest.mark.parametrize(
    ("kind", "typed", "said"),
    [
        ("integer", "600", None),
        ("integer", "", None),
        ("integer", "0", "Shapes: choose a number from 1 to 8,000."),
        ("integer", "9000", "Shapes: choose a number from 1 to 8,000."),
        ("integer", "1.5", "Shapes: write a whole number."),
        ("number", "1.5", None),
        ("duration", "1.5", None),
    ],
)
def test_a_number_that_can_t_be_is_said_to_be_so(call, kind, typed, said):
    field = f"{{label: 'Shapes', kind: '{kind}', least: 1, most: 8000}}"
    assert call("numbers", f"m.numberTrouble({field}, '{typed}', false)") == said
    assert call("numbers", f"m.numberTrouble({field}, '', true)") == "Shapes: write a number."


@pytest.mark.parametrize(
    ("sentence", "name"),
    [
        ("count: 9000 is more than 8000.", "count"),
        ("--count 9000: at most 8000.", "count"),
        ("film.duration: 90s is more than a minute.", "film.duration"),
        ("The duration of the film, --duration 90s, is too long; count 3.", "film.duration"),
        ("painter.min-angle: from 0 to 60.", "painter.min-angle"),
        ("This account is full.", None),
        ("", None),
    ],
)
def test_a_refusal_is_shown_at_the_setting_that_it_is_about(call, sentence, name):
    names = ["count", "film.duration", "painter.min-angle"]
    fields = "[" + ",".join(f"{{field: {{name: '{one}', label: '{one} of it'}}}}" for one in names) + "]"
    assert call("fields", f"m.fieldAbout({fields}, '{sentence}')?.field.name ?? null") == name


@pytest.mark.parametrize("count", [2, 400, 401, 5000])
def test_a_curve_of_many_points_keeps_its_ends_and_stays_in_its_frame(call, count):
    given = [[at * 0.1, 1 / (1 + at)] for at in range(count)]
    kept = call("curve", f"m.thinned({given})")
    assert (kept[0], kept[-1]) == (given[0], given[-1])
    assert len(kept) <= max(400, count // 2 + 1)
    width, height, corners = call("curve", f"[m.WIDTH, m.HEIGHT, m.corners({kept})]")
    assert all(0 <= x <= width and 0 <= y <= height for x, y in corners)
    assert [corners[0][0], corners[-1][0]] == [0, width]
    assert corners[0][1] < corners[-1][1]  # less error is lower


def test_a_curve_may_be_flat_or_a_moment_long(call):
    assert call("curve", "m.corners([[1, 0], [1, 0]]).flat().every(Number.isFinite)")


def test_effort_can_be_multiplied_within_the_server_s_bound(call):
    assert call("again", "[m.timesWithin(1, 8), m.timesWithin(3, 8), m.timesWithin(5, 8)]") == [
        [2, 4, 8],
        [2],
        [],
    ]


def test_colours_are_offered_in_the_ways_of_their_setting(call):
    ways = call("colours", "['none', '6', 4, 'auto', ['#fff']].map(m.wayOf)")
    assert ways == ["none", "found", "found", "auto", "own"]
    words = "{choices: ['black', 'black,crimson', 'any'].map((name) => ({name, about: ''}))}"
    assert call("colours", f"m.waysOf({words}).map(({{way}}) => way)") == ["any", "own"]
    assert call("colours", "m.waysOf({choices: null}).map(({way}) => way)") == ["own"]


@pytest.mark.parametrize(
    ("file", "isTaken"),
    [
        ("new File(['x'], 'a.jpg', {type: 'image/jpeg'})", True),
        ("new File(['x'], 'a.HEIC')", True),
        ("new File(['x'], 'no ending')", True),
        ("new File(['x'], 'a.pdf', {type: 'application/pdf'})", False),
        ("new File(['x'.repeat(99)], 'a.png', {type: 'image/png'})", False),
    ],
)
def test_files_that_can_t_be_pictures_or_are_too_large_are_not_sent(call, file, isTaken):
    assert (call("picture", f"m.fileTrouble({file}, 50)") is None) is isTaken


def test_a_picture_is_called_like_its_file(call):
    assert call("picture", "['My cat.jpg', 'a.b.png', 'cat', '.png'].map(m.titleOf)") == [
        "My cat",
        "a.b",
        "cat",
        "",
    ]


@pytest.mark.parametrize(
    ("status", "body", "after", "said"),
    [
        (422, '{"detail": "Too many shapes."}', None, "Too many shapes."),
        (429, '{"detail": "Five wait already."}', "40", "Five wait already. In 40 s it can be tried again."),
        (413, "<html>nginx</html>", None, "This picture is too large. Choose a smaller one."),
        (507, '{"detail": [{"loc": 1}]}', "soon", "The studio has no room left."),
        (418, "", None, "That didn't work. Try again in a moment."),
    ],
)
def test_a_refusal_is_one_sentence_whoever_refuses(call, status, body, after, said):
    header = "null" if after is None else f"'{after}'"
    assert call("api", f"m.refusalOf({status}, {body!r}, {header}).message").startswith(said)


def test_figures_are_as_exact_as_one_wants_to_know_them(call):
    assert call("texts", "[0.2, 8.4, 89, 90, 600, 5400].map(m.duration)") == [
        "1 s",
        "8 s",
        "89 s",
        "2 min",
        "10 min",
        "1.5 h",
    ]
    assert call("texts", "[1, 82600, 2.34e6, 5e8, 2e10].map(m.bytes)") == [
        "1 kB",
        "83 kB",
        "2.3 MB",
        "500 MB",
        "20 GB",
    ]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"state": "queued", "place": 1, "wait": 40}, "Next in line, about 40 s to wait"),
        ({"state": "queued", "place": 3, "wait": None}, "Number 3 in line"),
        ({"state": "queued", "place": None}, "Waiting in line"),
        ({"doing": "preparing"}, "Laying out the paints"),
        ({}, "Painting, about 9 s left"),
        ({"doing": "filming"}, "Making the film"),
        ({"state": "finished"}, "Finished after 6 s of painting"),
        ({"state": "stopped"}, "Stopped"),
        ({"state": "failed"}, "That didn't work"),
    ],
)
def test_a_state_is_said_in_words(call, changes, said):
    import json

    assert call("sentences", f"m.stateOf({json.dumps(JOB | changes)})") == said


@pytest.mark.parametrize(
    ("path", "query", "view"),
    [
        ("/", "", {"view": "start", "again": None, "look": None}),
        ("/", "again=ab&look=net", {"view": "start", "again": "ab", "look": "net"}),
        ("/", "paintings", {"view": "gallery"}),
        ("/p/ab", "", {"view": "painting", "id": "ab", "shared": False}),
        ("/s/cd", "", {"view": "painting", "id": "cd", "shared": True}),
    ],
)
def test_an_address_opens_its_view(call, path, query, view):
    assert call("main", f"m.viewOf('{path}', new URLSearchParams('{query}'))") == view
