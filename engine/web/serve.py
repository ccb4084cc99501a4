"""The server: one process that answers, while children paint."""

from __future__ import annotations

import os
import resource
import socket
import subprocess
import sys
from contextlib import suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING

from engine.errors import SpecError, ToolError, reason
from engine.fork_server.client import ForkServer, at_hand
from engine.installation import to_add
from engine.kernels.cache import is_compiled
from engine.painters.registry import LOAD_KERNELS, PAINTERS, missing_modules
from engine.storage.lock import locked
from engine.storage.run_folder import RunFolder
from engine.system.child_process import command
from engine.web.options import ServeOptions

if TYPE_CHECKING:
    import uvicorn

    from engine.web.service import Service

EXTRA, NEEDED = "web", ("fastapi", "uvicorn", "python_multipart")
LOCK = ".serve.lock"  # in the outputs' folder
CONNECTIONS = 1000  # at a time; more are told to come again
FILES = 4 * CONNECTIONS
GRACE = 3  # seconds that answers have to end in, once the server is told to
PROXIES = "127.0.0.0/8,::1,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7"  # may say whom they speak for
LISTENING = "Tessera is at {address} (Ctrl-C ends it; what is being painted goes on the next time)."


def serve(options: ServeOptions) -> None:
    """Answer until a signal ends it; SpecError, ToolError, LockError and RunError before that."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise ToolError(f"serve needs {missing[0]}, which is not installed; {to_add(EXTRA, NEEDED)}.")
    from engine.web.wanted import defaults

    defaults(os.environ)  # what is wrong with them is the host's to hear, now
    _allow_files(FILES)
    os.umask(0o077)  # what visitors send and have painted is nobody else's, nor is the list of it
    folder = RunFolder.made(options.outputs).path
    with locked(folder / LOCK, str(options.outputs)), _listening(options) as line:
        compile_kernels()  # who comes meanwhile waits for an answer
        with at_hand(LOAD_KERNELS, "polygons") as forks:  # while there are no threads yet
            _answer(options, line, forks)


def _allow_files(count: int) -> None:
    """Have so many files open at a time, as far as this process may; a connection is one of them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count if hard == resource.RLIM_INFINITY else min(count, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def compile_kernels() -> None:
    """Compile what painters need, once on a machine, before the first visitor waits for it.

    In a process of its own, which says how far it is: this one stays without the compiler.
    """
    wanted = [name for name, entry in PAINTERS.items() if not missing_modules(entry)]
    if not all(map(is_compiled, wanted)):
        subprocess.run(command(["doctor", "--warm"]), check=False)  # what is wrong is told, and told again


def _answer(options: ServeOptions, line: socket.socket, forks: ForkServer | None) -> None:
    import uvicorn

    from engine.web.app import create_app
    from engine.web.connections import MOST_HEADERS, Connection
    from engine.web.looks import left_out
    from engine.web.service import Service

    for sentence in left_out(os.environ):
        print(sentence, file=sys.stderr)
    with Service(options, forks) as service:
        config = uvicorn.Config(
            create_app(service),
            http=Connection,
            h11_max_incomplete_event_size=MOST_HEADERS,
            log_level="warning",
            access_log=False,  # ids are secrets
            server_header=False,
            proxy_headers=options.url is not None,
            forwarded_allow_ips=PROXIES,
            limit_concurrency=CONNECTIONS,
            timeout_graceful_shutdown=GRACE,
            lifespan="off",
        )
        print(LISTENING.format(address=address(options, line)), file=sys.stderr, flush=True)
        with suppress(KeyboardInterrupt, SystemExit):  # by which the signal that ends it is raised again
            _server(config, service).run(sockets=[line])


def _server(config: uvicorn.Config, service: Service) -> uvicorn.Server:
    """One that ends its streams when it is told to end, instead of waiting for them."""
    import uvicorn

    class Server(uvicorn.Server):
        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            service.hub.close()
            await super().shutdown(sockets)

    return Server(config)


def _listening(options: ServeOptions) -> socket.socket:
    """A socket that visitors can knock at; SpecError where there can't be one."""
    try:
        found = socket.getaddrinfo(
            options.host, options.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        family, _, _, _, place = found[0]
        line = socket.create_server(place[:2], family=family, backlog=CONNECTIONS)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else a page's end waits 40 ms for a word
        return line
    except OSError as exc:
        where = f"--host {options.host} --port {options.port}"
        why = reason(exc).partition(" (while")[0]
        raise SpecError(f"{where}: can't be listened at ({why}); choose another.") from exc


def address(options: ServeOptions, line: socket.socket) -> str:
    """Where a browser finds it."""
    if options.url is not None:
        return f"{options.url.rstrip('/')}/"
    host, port = line.getsockname()[:2]
    if host in ("0.0.0.0", "::"):
        host = socket.gethostname()
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"
