"""Forms as streams: what comes of honest ones, of hostile ones, and of those that never end."""

from __future__ import annotations

import os
from pathlib import Path

import anyio
import pytest

pytest.importorskip("fastapi", reason="needs the extra web")
pytest.importorskip("httpx", reason="needs httpx, to ask")

from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from engine.web import uploads
from engine.web.options import Limits
from engine.web.refused import Refused
from engine.web.uploads import receive, shown_name
from tests.web.small_app import client_of, options_of

LIMITS = Limits(upload_bytes=300_000)
PICTURE = b'Content-Disposition: form-data; name="picture"; filename="cat.png"'


def part(head: bytes, content: bytes) -> bytes:
    return b"--B\r\n" + head + b"\r\n\r\n" + content + b"\r\n"


def field(name: bytes, content: bytes) -> bytes:
    return part(b'Content-Disposition: form-data; name="' + name + b'"', content)


def sent(folder, body, kind="multipart/form-data; boundary=B", size=None, ends="whole", limits=LIMITS):
    """What comes of a body that is sent in pieces of a size."""
    step = size or max(1, len(body))
    left = [body[at : at + step] for at in range(0, len(body), step)] or [b""]

    async def coming():
        if not left:
            return {"type": "http.disconnect"}
        piece = left.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(left) or ends == "gone"}

    scope = {"type": "http", "method": "POST", "headers": [(b"content-type", kind.encode())]}
    return anyio.run(receive, Request(scope, coming), folder, limits)


@pytest.mark.parametrize("size", [None, 1, 7, 64])
def test_a_picture_goes_to_a_new_file_that_nobody_else_reads(tmp_path, size):
    content = bytes(range(256)) * 2 + b"\r\n--B\r\r\n--\r\n-B--"
    body = (
        field(b"settings", b'{"count": 3}')
        + part(PICTURE, content)
        + field(b"name", "Käse".encode())
        + b"--B--\r\n"
    )
    form = sent(tmp_path / "incoming", body, size=size)
    assert form.fields == {"settings": '{"count": 3}', "name": "Käse"}
    assert form.picture.read_bytes() == content
    assert form.picture_name == "cat.png"
    assert form.picture.parent == tmp_path / "incoming"
    assert len(form.picture.name) == 32
    assert form.picture.stat().st_mode & 0o777 == 0o600


def test_a_form_without_a_picture_is_one_too(tmp_path):
    form = sent(tmp_path, field(b"sample", b"astronaut") + b"--B--")
    assert (form.fields, form.picture, form.picture_name) == ({"sample": "astronaut"}, None, "")
    unchosen = part(b'Content-Disposition: form-data; name="picture"; filename=""', b"")
    assert sent(tmp_path, unchosen + field(b"again", b"1") + b"--B--").picture is None
    assert not list(tmp_path.iterdir())


FIELD = field(b"sample", b"astronaut")
HOSTILE = {
    "nothing at all": (b"", 400),
    "no parts": (b"--B--\r\n", None),
    "no end": (part(PICTURE, b"abc"), 400),
    "cut in the middle": (part(PICTURE, b"abc")[:-9], 400),
    "another boundary": (part(PICTURE, b"abc").replace(b"--B", b"--C") + b"--C--", 400),
    "not a form": (b'{"picture": 1}', 400),
    "two pictures": (part(PICTURE, b"a") * 2 + b"--B--", 422),
    "an empty picture": (part(PICTURE, b"") + b"--B--", 422),
    "a field twice": (FIELD * 2 + b"--B--", 422),
    "a field of another name": (field(b"out", b"/etc") + b"--B--", 422),
    "a field without a name": (part(b"Content-Disposition: form-data", b"x") + b"--B--", 422),
    "a path as a name": (field(b"../../settings", b"x") + b"--B--", 422),
    "no disposition": (part(b"X-Other: 1", b"x") + b"--B--", 400),
    "no headers": (b"--B\r\n\r\nabc\r\n--B--", 400),
    "an attachment": (part(b'Content-Disposition: attachment; name="picture"', b"x") + b"--B--", 400),
    "many headers": (part(b"\r\n".join([PICTURE] + [b"X-A: 1"] * 99), b"x") + b"--B--", 400),
    "a long header": (part(PICTURE + b"\r\nX-A: " + b"a" * 5000, b"x") + b"--B--", 400),
    "a header without an end": (b"--B\r\nX-A: " + b"a" * 200_000, 400),
    "a long name of a field": (field(b"a" * 1900, b"x") + b"--B--", 422),
    "a long field": (field(b"settings", b" " * 20_000) + b"--B--", 413),
    "a field of bytes": (field(b"settings", b"\xff\xfe") + b"--B--", 422),
    "a name of bytes": (field(b"\xff", b"x") + b"--B--", 422),
    "a long picture": (part(PICTURE, b"x" * 300_001) + b"--B--", 413),
    "many parts": (field(b"a", b"") * 10_000 + b"--B--", 422),
    "a form in a form": (
        part(PICTURE + b"\r\nContent-Type: multipart/mixed; boundary=C", b"--C\r\n\r\nx\r\n--C--") + b"--B--",
        None,
    ),
    "a zip bomb's encoding": (
        part(PICTURE + b"\r\nContent-Transfer-Encoding: base64", b"AAAA") + b"--B--",
        None,
    ),
    "a picture as a field": (field(b"picture", b"x") + b"--B--", None),
    "more after the end": (FIELD + b"--B--\r\n" + b"x" * 1000, None),
    "lines before it": (b"hello\r\n" + FIELD + b"--B--", 400),
}


@pytest.mark.parametrize("what", HOSTILE)
@pytest.mark.parametrize("size", [None, 1000])
def test_hostile_forms_are_refused_and_leave_nothing(tmp_path, what, size):
    body, status = HOSTILE[what]
    if status is None:
        form = sent(tmp_path, body, size=size)
        assert form.picture is None or form.picture.read_bytes() in (b"x", b"AAAA", b"--C\r\n\r\nx\r\n--C--")
        return
    with pytest.raises(Refused) as found:
        sent(tmp_path, body, size=size)
    assert found.value.status == status
    assert found.value.sentence.endswith((".", "cat.jpg."))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "kind",
    [
        "",
        "application/json",
        "image/png",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/mixed; boundary=B",
        "multipart/form-data; boundary=" + "B" * 201,
    ],
)
def test_what_is_no_form_is_refused(tmp_path, kind):
    with pytest.raises(Refused) as found:
        sent(tmp_path, part(PICTURE, b"x"), kind)
    assert found.value.status == 415


def test_what_came_of_a_lost_connection_goes(tmp_path):
    with pytest.raises(Refused):
        sent(tmp_path, part(PICTURE, b"x" * 100_000), size=1000, ends="gone")
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_told_and_what_has_come_goes(tmp_path, monkeypatch):
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    real = os.open
    made = []

    def full(path, flags, mode=0o777):
        made.append(path)
        real_descriptor = real(path, flags, mode)
        os.close(real_descriptor)
        return real("/dev/full", os.O_WRONLY)

    client = client_of(options_of(tmp_path))
    monkeypatch.setattr(uploads.os, "open", full)
    answer = client.post("/api/jobs", files={"picture": ("a.png", b"x" * 100_000)})
    assert (answer.status_code, len(made)) == (507, 1)
    assert "no room left" in answer.json()["detail"]
    assert not list((tmp_path / "incoming").iterdir())


def test_a_length_that_is_too_large_is_refused_before_it_comes(tmp_path):
    client = client_of(options_of(tmp_path))
    answer = client.post("/api/jobs", content=b"x", headers={"content-length": "999999999"})
    assert answer.status_code == 413
    assert "300 kB" in answer.json()["detail"]
    answer = client.post("/api/jobs", files={"picture": ("a.png", b"x" * 300_001)})
    assert answer.status_code == 413
    answer = client.post("/api/jobs", files={"picture": ("a.png", b"x" * 300_000)}, data={"name": "a"})
    assert answer.status_code == 201
    assert answer.json()["bytes"] == 300_000


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("cat.png", "cat.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\fakepath\\cat.png", "cat.png"),
        ("/", ""),
        ("..", ".."),
        ("a\0b\r\n.png", "ab .png"),
        ("cat\u202egnp.exe", "catgnp.exe"),
        ("\ufeff\u200bcat\u2069.png", "cat.png"),
        ("  Käse   am\u00a0Abend.jpg ", "Käse am Abend.jpg"),
        ("e\u0301.png", "é.png"),
        ("x" * 500, "x" * 80),
        ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),  # text: the page shows it as such
        ("\ud800\ufffd", ""),
    ],
)
def test_a_pictures_name_is_text_that_can_be_shown(name, shown):
    assert shown_name(name) == shown


@given(st.text())
def test_no_name_holds_more_than_printable_letters(name):
    shown = shown_name(name)
    assert len(shown) <= 80
    assert shown.isprintable() or not shown
    assert "/" not in shown
    assert "\\" not in shown
    assert shown == shown.strip()


@given(st.binary(max_size=400), st.integers(1, 50))
def test_any_bytes_are_a_form_or_refused(tmp_path_factory, body, size):
    folder = tmp_path_factory.mktemp("forms", numbered=True)
    try:
        assert set(sent(folder, b"--B\r\n" + body, size=size).fields) <= set(uploads.FIELDS)
    except Refused:
        assert not list(folder.iterdir())
