"""Connections of a real server that are slow: they are given up, and others are answered meanwhile."""

from __future__ import annotations

import contextlib
import socket
import threading
import time

import pytest

pytest.importorskip("fastapi", reason="needs the extra web")

import uvicorn

from engine.web import connections
from engine.web.gate import Gate
from tests.web.small_app import options_of, small_app


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    """That of a server with little patience."""
    patch = pytest.MonkeyPatch()
    patch.setattr(connections, "ASKING", 0.3)
    patch.setattr("engine.web.bodies.GRACE", 0.3)
    options = options_of(tmp_path_factory.mktemp("server"))
    gate = Gate(small_app(options), options)
    config = uvicorn.Config(
        gate,
        port=0,
        http=connections.Connection,
        log_level="critical",
        lifespan="off",
        timeout_keep_alive=1,
        proxy_headers=False,
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join()
    patch.undo()


@contextlib.contextmanager
def connected(port):
    with socket.create_connection(("127.0.0.1", port), timeout=20) as found:
        yield found


def said(connection):
    """All that it says until it is closed."""
    parts = []
    with contextlib.suppress(ConnectionResetError):
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


ASKED = b"GET /api/stream HTTP/1.1\r\nHost: localhost\r\n"


@pytest.mark.parametrize("begun", [b"", b"GET /api/str", ASKED])
def test_who_doesnt_ask_is_given_up(port, begun):
    with connected(port) as connection:
        connection.sendall(begun)
        assert said(connection) == b""


def test_bytes_now_and_then_put_nothing_off(port):
    def dribble(connection):
        connection.sendall(ASKED)
        for number in range(1000):
            connection.sendall(b"X-%d: 1\r\n" % number)
            time.sleep(0.01)

    with connected(port) as connection, pytest.raises((BrokenPipeError, ConnectionResetError)):
        dribble(connection)


def test_who_asks_again_is_answered_again(port):
    with connected(port) as connection:
        for _ in range(3):
            connection.sendall(ASKED + b"\r\n")
            answer = b""
            while not answer.endswith(b"0\r\n\r\n"):
                answer += connection.recv(65536)
            assert b"200 OK" in answer
            assert b"two" in answer
            time.sleep(0.2)
        connection.sendall(ASKED)
        assert said(connection) == b""


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        (b"GET /api/who HTTP/1.1\r\n\r\n", b"400"),  # no host
        (b"GET /api/who HTTP/1.1\r\nHost: a\r\nHost: localhost\r\n\r\n", b"400"),
        (b"GET /static/../../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", b"404"),
        (b"GET /static/%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", b"404"),
        (b"GET /static/..%2f..%2fetc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", b"404"),
        (b"GET /static/a%00b HTTP/1.1\r\nHost: localhost\r\n\r\n", b"404"),
        (b"GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n", b"404"),
        (b"POST /api/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", b"400"),
        (b"POST /api/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1e9\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 40_000 + b"\r\n\r\n", b"431"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"400"),  # TLS
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"421"),
    ],
)
def test_broken_requests_get_an_answer_or_none(port, request_line, status):
    with connected(port) as connection:
        connection.sendall(request_line.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1))
        answer = said(connection)
        assert answer.startswith(b"HTTP/1.1 " + status)


def test_an_address_has_so_many_connections(port, monkeypatch):
    monkeypatch.setattr(connections, "EACH", 2)
    monkeypatch.setattr(connections, "LOOPBACK", ())  # which have no limit
    with connected(port), connected(port), connected(port) as third:
        third.sendall(ASKED + b"\r\n")
        assert said(third) == b""


def test_an_upload_that_stops_is_given_up_and_leaves_nothing(port):
    begun = (
        b"POST /api/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n"
        b"Content-Type: multipart/form-data; boundary=B\r\n\r\n"
        b'--B\r\nContent-Disposition: form-data; name="picture"; filename="a"\r\n\r\nabc'
    )
    with connected(port) as connection:
        connection.sendall(begun)
        connection.settimeout(30)
        answer = connection.recv(65536)
    assert answer.startswith(b"HTTP/1.1 408")


def test_a_length_that_lies_is_no_form(port):
    body = b'--B\r\nContent-Disposition: form-data; name="picture"; filename="a"\r\n\r\nabc\r\n--B--\r\n'
    head = b"POST /api/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=B\r\n"
    with connected(port) as connection:
        connection.sendall(head + b"Content-Length: %d\r\n\r\n" % (len(body) - 10) + body)
        assert b" 400 " in connection.recv(65536).split(b"\r\n")[0]
    with connected(port) as connection:
        connection.sendall(
            head + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        )
        assert b" 201 " in connection.recv(65536).split(b"\r\n")[0]
