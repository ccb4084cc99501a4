"""A server as `tessera serve` makes it, in a process of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import ROOT

_ADDRESS = re.compile(r"Tessera is at (\S+?)/? ")


@contextmanager
def live_server(outputs: Path, *flags: str) -> Iterator[str]:
    """Its address without a slash at the end, as long as it answers; AssertionError when it doesn't begin."""
    process = subprocess.Popen(
        [sys.executable, "-m", "engine", "serve", "--port", "0", "--outputs", str(outputs), *flags],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stderr is not None
    said: list[str] = []
    with process, process.stderr:
        try:
            found = None
            while found is None:
                line = process.stderr.readline()
                assert line, "".join(said)
                said.append(line)
                found = _ADDRESS.search(line)
            listener = threading.Thread(target=said.extend, args=(process.stderr,), daemon=True)
            listener.start()  # or the pipe would be full some time
            yield found[1]
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()
