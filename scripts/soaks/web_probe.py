"""How long a server takes to answer, asked from a process that does nothing else.

python -m scripts.soaks.web_probe PORT COOKIE ID: asks until its standard input ends, then prints JSON.
"""

from __future__ import annotations

import http.client
import json
import sys
import threading
import time

EVERY = 0.05  # seconds from one answer to the next question


def main(port: int, cookie: str, job: str) -> None:
    """Ask for a job and for the page in turn; prints what that took, and how often nobody answered."""
    is_over = threading.Event()

    def listen() -> None:
        sys.stdin.read()
        is_over.set()

    threading.Thread(target=listen, daemon=True).start()
    taken: dict[str, list[float]] = {"job": [], "page": []}
    paths = {"job": f"/api/jobs/{job}", "page": "/"}
    silent, wrong = 0, list[str]()
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    while not is_over.wait(EVERY):
        for name, path in paths.items():
            began = time.perf_counter()
            try:
                headers = {"Cookie": cookie, "Accept": "text/html" if name == "page" else "application/json"}
                line.request("GET", path, headers=headers)
                answer = line.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException):  # it is just being killed
                silent += 1
                line.close()
                continue
            if answer.status == 200:
                taken[name].append(time.perf_counter() - began)
            else:
                wrong.append(f"{path}: {answer.status}")
    print(json.dumps({"taken": taken, "silent": silent, "wrong": wrong}))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
