"""Files as answers: whole, in part, or not at all when they are known."""

from __future__ import annotations

import asyncio
import os
from email.utils import formatdate

import pytest

pytest.importorskip("fastapi", reason="needs the extra web")

from engine.web.file_answer import CHUNK, FileAnswer, OpenFile
from engine.web.refused import Refused

CONTENT = bytes(range(256)) * (CHUNK // 256 * 2) + b"the end"


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "film.mp4"
    path.write_bytes(CONTENT)
    os.utime(path, (1_000_000_000, 1_000_000_000))
    return path


def ask(path, method="GET", meanwhile=lambda: None, **headers):
    """The status, headers and body of an answer."""
    answer = FileAnswer(OpenFile.of(path), {"content-disposition": "inline"}, "video/mp4")
    meanwhile()
    told: list = []

    async def send(message):
        told.append(message)

    async def receive():
        return {"type": "http.disconnect"}

    fields = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    asyncio.run(answer({"type": "http", "method": method, "headers": fields}, receive, send))
    found = {name.decode(): value.decode() for name, value in told[0]["headers"]}
    assert [message.get("more_body", False) for message in told[1:]].index(False) == len(told) - 2
    return told[0]["status"], found, b"".join(message["body"] for message in told[1:])


def test_a_file_is_sent_whole(path):
    status, headers, body = ask(path)
    assert (status, body) == (200, CONTENT)
    assert headers["content-length"] == str(len(CONTENT))
    assert headers["content-type"] == "video/mp4"
    assert headers["accept-ranges"] == "bytes"
    assert headers["last-modified"] == formatdate(1_000_000_000, usegmt=True)


def test_of_a_head_the_headers_alone(path):
    status, headers, body = ask(path, "HEAD", range="bytes=0-9")
    assert (status, headers["content-length"], body) == (200, str(len(CONTENT)), b"")


@pytest.mark.parametrize(
    ("asked", "begin", "end"),
    [
        ("bytes=0-9", 0, 10),
        ("bytes=5-", 5, len(CONTENT)),
        (f"bytes={CHUNK + 1}-{CHUNK + 9}", CHUNK + 1, CHUNK + 10),
        ("bytes=-3", len(CONTENT) - 3, len(CONTENT)),
        ("bytes=7-99999999999", 7, len(CONTENT)),
        ("bytes=-99999999999", 0, len(CONTENT)),
    ],
)
def test_a_part_is_sent(path, asked, begin, end):
    status, headers, body = ask(path, range=asked)
    assert (status, body) == (206, CONTENT[begin:end])
    assert headers["content-range"] == f"bytes {begin}-{end - 1}/{len(CONTENT)}"
    assert headers["content-length"] == str(end - begin)


@pytest.mark.parametrize("asked", [f"bytes={len(CONTENT)}-", "bytes=-0"])
def test_what_lies_outside_is_refused(path, asked):
    status, headers, body = ask(path, range=asked)
    assert (status, body, headers["content-range"]) == (416, b"", f"bytes */{len(CONTENT)}")


@pytest.mark.parametrize(
    "asked", ["bytes=0-1,5-6", "bytes=9-3", "bytes=-", "lines=1-2", "bytes=x", "bytes=" + "9" * 5000 + "-"]
)
def test_what_is_no_single_range_is_all_of_it(path, asked):
    assert ask(path, range=asked)[::2] == (200, CONTENT)


def test_a_part_of_an_older_file_is_all_of_the_new_one(path):
    _, headers, _ = ask(path)
    assert ask(path, range="bytes=0-9", if_range=headers["etag"])[0] == 206
    assert ask(path, range="bytes=0-9", if_range=headers["last-modified"])[0] == 206
    assert ask(path, range="bytes=0-9", if_range='"other"')[0] == 200


def test_what_is_known_is_not_sent_again(path):
    _, headers, _ = ask(path)
    tag = headers["etag"]
    for asked in ({"if_none_match": tag}, {"if_none_match": f'"x", W/{tag}'}, {"if_none_match": "*"}):
        status, told, body = ask(path, **asked)
        assert (status, body, told["etag"]) == (304, b"", tag)
        assert "content-length" not in told
    assert ask(path, if_modified_since=headers["last-modified"])[0] == 304
    assert ask(path, if_modified_since=formatdate(999_999_999, usegmt=True))[0] == 200
    assert ask(path, if_modified_since="yesterday")[0] == 200
    assert ask(path, if_none_match='"x"', if_modified_since=headers["last-modified"])[0] == 200
    path.write_bytes(CONTENT[::-1])
    assert ask(path, if_none_match=tag)[0] == 200


def test_a_file_that_is_replaced_meanwhile_is_still_whole(path):
    def replace():
        (path.parent / "new").write_bytes(b"new")
        (path.parent / "new").replace(path)

    assert ask(path, meanwhile=replace)[::2] == (200, CONTENT)
    assert ask(path)[2] == b"new"


def test_an_empty_file_is_sent(tmp_path):
    (tmp_path / "empty").touch()
    assert ask(tmp_path / "empty")[::2] == (200, b"")


def test_no_link_is_followed(path, tmp_path):
    (tmp_path / "link.mp4").symlink_to(path)
    for name in ("link.mp4", "nothing.mp4"):
        with pytest.raises(Refused) as refused:
            OpenFile.of(tmp_path / name)
        assert refused.value.status == 404
