"""The gate: by which names, with which token, from which pages, how much; and the headers of all answers."""

from __future__ import annotations

import re

import anyio
import pytest

pytest.importorskip("fastapi", reason="needs the extra web")
pytest.importorskip("httpx", reason="needs httpx, to ask")

from engine.web import bodies, tokens
from engine.web.bodies import Incoming
from engine.web.gate import Gate
from engine.web.refused import Refused
from engine.web.visitors import COOKIE, digest_of
from tests.web.small_app import HOME, Browser, client_of, options_of, small_app

PAGE = {"accept": "text/html,*/*;q=0.8"}
TOKEN = "tulips and barley"


async def unreached(scope, receive, send):
    raise AssertionError("the gate has let it in")


@pytest.fixture
def here(tmp_path):
    return client_of(options_of(tmp_path))


@pytest.fixture
def guarded(tmp_path, monkeypatch):
    monkeypatch.setattr("engine.web.gate.PAUSE", 0)
    return client_of(options_of(tmp_path, token=TOKEN))


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LOCALHOST:9999", 200),
        ("127.0.0.1:8000", 200),
        ("[::1]:8000", 200),
        ("localhost.", 200),
        ("evil.example", 421),
        ("evil.example:8000", 421),
        ("localhost.evil.example", 421),
        ("127.0.0.1.nip.io", 421),
        ("127.0.0.2", 421),
        ("localhost@evil.example", 421),
        ("localhost:port", 421),
        ("[::1", 421),
        ("", 421),
    ],
)
def test_only_names_of_ours_are_answered_to(here, host, status):
    assert here.get("/api/who", headers={"host": host}).status_code == status


def test_the_public_name_counts_and_numbers_do_where_all_addresses_are_listened_at(tmp_path):
    public = client_of(
        options_of(tmp_path, url="https://paint.example/studio"), "https://paint.example/studio/"
    )
    assert public.get("api/who").status_code == 200
    assert public.get("api/who", headers={"host": "other.example"}).status_code == 421
    wild = client_of(options_of(tmp_path, host="0.0.0.0", is_open=True))
    for host, status in (
        ("192.168.1.7:8000", 200),
        ("[fe80::1]", 200),
        ("rebound.example", 421),
        ("0x7f.1", 421),
    ):
        assert wild.get("/api/who", headers={"host": host}).status_code == status
    own = client_of(options_of(tmp_path, host="192.168.1.7", token="t"))
    assert own.get("/api/who", headers={"host": "192.168.1.8"}).status_code == 421


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 204),  # a program
        ({"sec-fetch-site": "same-origin"}, 204),
        ({"sec-fetch-site": "none"}, 204),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "http://localhost:8000"}, 403),
        ({"sec-fetch-site": "odd"}, 403),
        ({"origin": "http://localhost:8000"}, 204),
        ({"origin": "http://localhost:8001"}, 403),  # another program of this machine
        ({"origin": "http://localhost"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": ""}, 403),
        ({"origin": "http://localhost:8000.evil.example"}, 403),
        ({"origin": "http://[::1"}, 403),
    ],
)
def test_what_another_sites_page_asks_for_is_not_done(here, headers, status):
    assert here.delete("/api/say", headers=headers).status_code == status
    assert here.get("/api/who", headers=headers).status_code == 200  # which its page can't read


def test_behind_a_proxy_a_page_of_the_public_address_is_ours(tmp_path):
    client = client_of(options_of(tmp_path, url="https://paint.example/studio"))
    for origin, status in (("https://paint.example", 204), ("https://paint.example:8443", 403)):
        assert client.delete("/studio/api/say", headers={"origin": origin}).status_code == status


def test_every_answer_has_the_headers(here, tmp_path):
    here.post("/api/jobs", files={"picture": ("a.png", b"x")})
    answers = [
        here.get("/"),
        here.get("/static/plain.css"),
        here.get("/static/none.css"),
        here.get("/api/who"),
        here.head("/"),
        here.get("/api/stream"),
        here.get("/none", headers=PAGE),
        here.get("/api/none"),
        here.put("/api/who"),
        *(here.get(f"/api/fails/{how}") for how in ("refused", "spec", "space", "full", "bug", "file")),
        here.get("/api/number/x"),
        here.get("/api/who", headers={"host": "evil.example"}),
        here.post("/api/say", headers={"origin": "null"}),
        here.post("/api/say", content=b"x" * 70_000),
        here.get("/a\\b"),
        client_of(options_of(tmp_path, token=TOKEN)).get("/", headers=PAGE),
        client_of(options_of(tmp_path, token=TOKEN)).get("/api/who"),
    ]
    for answer in answers:
        headers = answer.headers
        assert headers["x-content-type-options"] == "nosniff", answer.url
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] in ("no-referrer", "same-origin")
        assert (
            headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
        )
        assert "geolocation=()" in headers["permissions-policy"]
        policy = headers["content-security-policy"]
        for part in ("default-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "object-src 'none'"):
            assert part in policy
        assert "unsafe" not in policy
        assert "traceback" not in answer.text.lower()
        assert str(tmp_path) not in answer.text
        assert "cache-control" in headers or answer.url.path.startswith("/static/")
        if answer.url.path.startswith("/api/"):
            assert headers["cache-control"] == "private, no-store"
    statuses = [answer.status_code for answer in answers]
    assert statuses == [
        200,
        200,
        404,
        200,
        405,
        200,
        404,
        404,
        405,
        409,
        422,
        507,
        507,
        500,
        500,
        422,
        421,
        403,
        413,
        404,
        401,
        401,
    ]


def test_a_drawing_that_is_opened_by_itself_can_do_nothing(here):
    policy = here.get("/api/drawing.svg").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy


def test_errors_are_one_sentence_without_paths(here, tmp_path):
    said = here.get("/api/fails/spec").json()
    assert said == {"detail": "x.png: count must be a whole number, not x."}
    assert here.get("/api/number/x").json()["detail"].startswith("number: input should be a valid integer")
    assert here.post("/api/say", content=b"{", headers={"content-type": "application/json"}).json() == {
        "detail": "The request's body isn't JSON; send such as {\"effort\": 4}."
    }
    assert here.post("/api/say", json={}).json() == {"detail": "effort: it is missing."}
    page = here.get("/none", headers=PAGE)
    assert page.headers["content-type"].startswith("text/html")
    assert "There is nothing here" in page.text
    assert "<script" not in page.text
    assert "style=" not in page.text


@pytest.mark.parametrize(("how", "status"), [("full", 507), ("space", 507), ("readonly", 503), ("list", 503)])
def test_what_only_the_host_can_mend_is_told_to_the_host(here, caplog, tmp_path, how, status):
    told = here.get(f"/api/fails/{how}")
    assert told.status_code == status
    assert "x.png" not in told.text
    assert str(tmp_path / "jobs" / "x.png") in caplog.text


def test_visitors_are_told_apart_and_only_a_digest_is_known(here, tmp_path):
    first = here.get("/", headers=PAGE)
    said = first.headers["set-cookie"]
    secret = re.findall(f"^{COOKIE}=([A-Za-z0-9_-]{{43}});", said)[0]
    for part in ("HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=31536000"):
        assert part in said
    assert "Secure" not in said
    assert here.get("/api/who").json() == {"visitor": digest_of(secret)}
    assert "set-cookie" not in here.get("/api/who").headers
    assert "set-cookie" not in here.get("/static/plain.css").headers
    other = client_of(options_of(tmp_path))
    assert other.get("/api/who").json() != {"visitor": digest_of(secret)}
    other = client_of(options_of(tmp_path), cookies={COOKIE: "short"})
    assert "set-cookie" in other.get("/api/who").headers


def test_a_public_servers_cookie_is_its_own_paths_and_secure(tmp_path):
    client = client_of(options_of(tmp_path, url="https://paint.example/studio"))
    said = client.get("/studio/", headers=PAGE).headers["set-cookie"]
    assert "Secure" in said
    assert "Path=/studio;" in f"{said};"


def test_a_token_in_the_address_lets_a_browser_in_and_goes(guarded):
    assert guarded.get("/api/who").status_code == 401
    answer = guarded.get("/p/abc", params={"token": TOKEN, "look": "net"}, headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/p/abc?look=net")
    said = answer.headers["set-cookie"]
    assert "HttpOnly" in said
    assert "SameSite=Lax" in said
    assert TOKEN not in said
    assert guarded.get("/api/who").status_code == 200
    assert guarded.get("/", headers=PAGE).status_code == 200


def test_a_pass_is_of_one_server_and_one_token(tmp_path):
    passes = tokens.Passes(TOKEN, tokens.key_in(tmp_path))
    value = passes.new()
    assert tokens.Passes(TOKEN, tokens.key_in(tmp_path)).has(value)  # after a restart
    assert (tmp_path / tokens.KEY).stat().st_mode & 0o777 == 0o600
    assert not tokens.Passes("other", tokens.key_in(tmp_path)).has(value)
    assert not tokens.Passes(TOKEN, tokens.key_in(tmp_path / "other")).has(value)
    for forged in (
        None,
        "",
        ".",
        "x",
        value[:-1],
        value.replace(".", ""),
        "0" + value[1:],
        "é." + value[33:],
    ):
        assert forged == value or not passes.has(forged)


def test_programs_send_the_token_as_a_header(guarded):
    assert guarded.get("/api/who", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200
    wrong = guarded.get("/api/who", headers={"authorization": "Bearer no"})
    assert (wrong.status_code, wrong.headers["www-authenticate"]) == (401, "Bearer")
    assert guarded.get("/api/who", params={"token": TOKEN}).status_code == 401  # which logs would keep
    assert guarded.get("/static/plain.css").status_code == 200
    assert guarded.get("/static/app.css").status_code == 401


def test_the_form_asks_for_the_token_without_scripts(guarded):
    page = guarded.get("/p/<b>", headers=PAGE)
    assert page.status_code == 401
    assert 'method="post" action="/token"' in page.text
    assert 'value="/p/&lt;b&gt;"' in page.text
    assert page.headers["referrer-policy"] == "same-origin"  # else a browser hides where its form comes from
    answer = guarded.post("/token", data={"token": "no", "to": "/p/1"}, headers=PAGE)
    assert answer.status_code == 401
    assert "isn&#x27;t the token" in answer.text
    assert 'value="/p/1"' in answer.text
    answer = guarded.post("/token", data={"token": TOKEN, "to": "/p/1"}, headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/p/1")
    assert guarded.get("/api/who").status_code == 200


@pytest.mark.parametrize(
    "to", ["//evil.example", "/\\evil.example", "https://evil.example", "\\\\evil.example/x"]
)
def test_nobody_is_led_away(guarded, to):
    answer = guarded.post("/token", data={"token": TOKEN, "to": to})
    assert re.fullmatch(r"/[^/\\].*", answer.headers["location"])


def test_after_ten_wrong_tokens_even_the_right_one_waits(guarded):
    for number in range(tokens.GUESSES):
        bearer = {"authorization": f"Bearer {number}"}
        assert guarded.get("/api/who", headers=bearer).status_code == 401
        if number == 5:
            for _ in range(tokens.GUESSES):  # an old program: the same again
                assert guarded.get("/api/who", headers=bearer).status_code == 401
            assert guarded.post("/token", data={"token": TOKEN}).status_code == 303  # and has a pass
    late = guarded.get("/api/who", headers={"authorization": f"Bearer {TOKEN}"})
    assert late.status_code == 429
    assert 0 < int(late.headers["retry-after"]) <= 601
    assert guarded.get("/?token=" + TOKEN, headers=PAGE).status_code == 429
    assert guarded.get("/api/who").status_code == 200  # who is in stays in


def test_guesses_are_counted_by_address_and_forgotten():
    now = 0.0
    guesses = tokens.Guesses(lambda: now)
    for number in range(tokens.GUESSES):
        assert guesses.wait("2001:db8::1") == 0
        guesses.was_wrong(f"2001:db8::{number:x}", str(number))  # one household's
    assert guesses.wait("2001:db8:0:0:ffff::1") == tokens.WINDOW
    assert guesses.wait("2001:db8:0:1::1") == guesses.wait("10.0.0.1") == guesses.wait("") == 0
    now = tokens.WINDOW + 1
    assert guesses.wait("2001:db8::1") == 0


def test_bodies_that_are_no_uploads_are_small(here):
    assert here.post("/api/say", content=b"x" * 64_001).status_code == 413

    async def chunks():
        yield b"x" * 40_000
        yield b"x" * 40_000

    assert here.post("/api/say", content=chunks()).status_code == 413
    assert here.request("GET", "/api/who", content=b"x" * 64_001).status_code == 413
    assert here.post("/api/say", json={"effort": 4}).json() == 4


def incoming(*pieces, pause=0.0, **more):
    """A body that comes in pieces, after pauses, and then for ever nothing."""
    left = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]

    async def receive():
        await anyio.sleep(pause if left else 1000)
        return left.pop(0)

    return Incoming(receive, **more)


def test_slow_bodies_are_given_up(monkeypatch):
    with pytest.raises(Refused) as found:
        anyio.run(incoming(b"x").whole, 100, 0.01)
    assert found.value.status == 408
    monkeypatch.setattr(bodies, "GRACE", 0.01)
    with pytest.raises(Refused) as found:
        anyio.run(incoming().moving())
    assert found.value.status == 408


def test_a_stream_has_to_keep_moving():
    now = 0.0
    stream = incoming(b"x" * 50_000, b"x", b"x", clock=lambda: now).moving()

    async def read():
        nonlocal now
        await stream()
        now = bodies.GRACE + 5
        await stream()  # 50,001 bytes in five seconds beyond the grace
        now = bodies.GRACE + 6
        await stream()

    with pytest.raises(Refused) as found:
        anyio.run(read)
    assert found.value.status == 408


def test_what_is_refused_is_read_so_that_the_refusal_is_heard(tmp_path):
    gate = Gate(unreached, options_of(tmp_path))
    left = [b"x" * 1000] * 5
    sent = []

    async def receive():
        return {"type": "http.request", "body": left.pop(), "more_body": bool(left)}

    async def send(message):
        sent.append((message["type"], len(left)))

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/jobs",
        "query_string": b"",
        "headers": [(b"host", b"x")],
    }
    anyio.run(gate, scope, receive, send)
    assert sent[0] == ("http.response.start", 0)
    left = [b"x"] * 5
    scope["headers"] = [(b"host", b"x"), (b"expect", b"100-continue")]  # that client waits, and sends nothing
    anyio.run(gate, scope, receive, send)
    assert sent[2] == ("http.response.start", 5)


@pytest.mark.parametrize(
    "path", ["/api/../etc/passwd", "/..", "/a\\..\\b", "/a\0b", "/a\nb", "/" + "a" * 600, "http://x/"]
)
def test_odd_paths_lead_nowhere(tmp_path, path):
    sent = []
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": b"",
        "headers": [(b"host", b"localhost")],
    }

    async def receive():
        return {"type": "http.request"}

    async def send(message):
        sent.append(message)

    anyio.run(Gate(unreached, options_of(tmp_path)), scope, receive, send)
    assert sent[0]["status"] == 404


def test_no_websocket_is_opened(tmp_path):
    sent = []

    async def receive():
        return {"type": "websocket.connect"}

    async def send(message):
        sent.append(message)

    anyio.run(Gate(unreached, options_of(tmp_path)), {"type": "websocket"}, receive, send)
    assert sent == [{"type": "websocket.close", "code": 1008}]


@pytest.mark.parametrize("root", ["", "/paint"])
def test_a_proxy_may_take_the_root_off_or_pass_it_on(tmp_path, root):
    options = options_of(tmp_path, url="http://localhost:8000/paint")
    browser = Browser(Gate(small_app(options), options), HOME, "")
    for path in ("/", "/api/who", "/static/plain.css"):
        assert browser.get(root + path).status_code == 200
