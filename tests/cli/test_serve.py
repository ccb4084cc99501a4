"""`tessera serve`: who is let in is said before anybody knocks."""

import socket

import pytest

from engine.cli.serve import _age, _limits, _token, _url
from engine.errors import SpecError
from engine.web.options import Limits, ServeOptions
from tests.conftest import refused

pytest.importorskip("uvicorn")


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--host", "0.0.0.0"], "say who may: those who know a --token, or, with --open, everybody."),
        (["--host", "::"], "say who may"),
        (["--url", "studio.example"], "--url must be such as https://studio.example/paint"),
        (["--url", "https://studio.example/?x"], "--url must be such as"),
        (["--url", "https://me:secret@studio.example/"], "--url must be such as"),
        (["--token", "short"], "--token must be 12 letters and digits or more"),
        (["--token", "@nothing"], "can't be read (No such file or directory)."),
        (["--keep", "never"], "--keep must be an age such as 12h, 7d or 4w, or always, not never."),
        (["--keep", "0d"], "--keep must be"),
        (["--limit", "colour=3"], "--limit colour: there is no such limit; there are upload-bytes,"),
        (["--limit", "size"], "--limit size must be a whole number above 0"),
        (["--limit", "effort=nan"], "--limit effort must be a number above 0, not nan."),
        (["--limit", "effort=inf"], "--limit effort must be a number above 0, not inf."),
        (["--limit", "queued=-1"], "--limit queued must be a whole number above 0, not -1."),
        (["--jobs", "0"], "--jobs must be"),
        (["--port", "70000"], "--port must be"),
        (["--host", "192.0.2.1", "--open"], "--host 192.0.2.1 --port 8000: can't be listened at"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_can_not_be_meant_is_refused_in_a_sentence(flags, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert words in refused("serve", *flags)


def test_a_port_that_is_taken_is_said(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"--port {port}: can't be listened at (Address already in use)" in refused(
            "serve", "--port", port
        )


def test_what_is_wrong_with_the_hosts_defaults_is_said_to_him(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TESSERA_COLOUR", "red")
    assert "TESSERA_COLOUR" in refused("serve")


def test_limits_are_numbers_of_their_kind():
    assert _limits(["size=2048", "film-seconds = 5.5"]) == Limits(size=2048, film_seconds=5.5)
    assert _limits([]) == Limits()


def test_ages_are_seconds():
    assert [_age(text) for text in ("12h", "7d", "0.5 w")] == [43_200.0, 604_800.0, 302_400.0]


def test_a_token_may_be_in_a_file(tmp_path):
    path = tmp_path / "token"
    path.write_text("0123456789abcdef\nand a remark\n")
    assert _token(f"@{path}") == "0123456789abcdef"
    assert _token("0123456789abcdef") == "0123456789abcdef"
    path.write_text("short\n")
    with pytest.raises(SpecError, match="--token must be"):
        _token(f"@{path}")


@pytest.mark.parametrize(
    ("url", "root", "host", "is_secure"),
    [
        ("https://studio.example/paint/", "/paint", "studio.example", True),
        ("http://Studio.example:8080", "", "studio.example", False),
    ],
)
def test_an_address_says_path_host_and_whether_it_is_secure(url, root, host, is_secure, tmp_path):
    options = ServeOptions(outputs=tmp_path, url=_url(url))
    assert (options.root, options.public_host, options.is_secure) == (root, host, is_secure)


def test_a_token_is_not_shown_where_options_are(tmp_path):
    assert "secret" not in repr(ServeOptions(outputs=tmp_path, token="secret"))
