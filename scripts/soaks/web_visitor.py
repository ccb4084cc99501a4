"""A visitor of a web server: sends pictures, looks on, changes his mind, and notes what is wrong."""

from __future__ import annotations

import asyncio
import io
import json
import random
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE = 96  # pixels
SETTINGS = {"count": 40, "size": SIDE, "effort": 0.3}
SHADES = (40, 100, 160, 220)
NEAR = 25.0  # of 255, that a painting's mean colour may be from its picture's; others are twice as far
PATIENCE = 900.0  # seconds that a visitor waits for anything
SILENCE = 40.0  # seconds without a word on a stream
ENDED = ("finished", "stopped", "failed")
PLANS = ("look on", "look on", "reload", "stop", "stop and go on", "delete", "longer")


def colour_of(number: int) -> tuple[int, int, int]:
    """A visitor's own colour: of 64 visitors each has another one."""
    first, rest = divmod(number % 64, 16)
    return SHADES[first], SHADES[rest // 4], SHADES[rest % 4]


def picture_of(number: int) -> bytes:
    """A PNG in a visitor's colour: a disc on it, and some grain."""
    rng = np.random.default_rng(number)
    y, x = np.mgrid[0:SIDE, 0:SIDE] / SIDE
    pixels: NDArray[np.float64] = np.zeros((SIDE, SIDE, 3)) + colour_of(number)
    pixels[(x - rng.random()) ** 2 + (y - rng.random()) ** 2 < 0.08] += 20
    pixels += rng.normal(0, 4, pixels.shape)
    file = io.BytesIO()
    Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(file, "PNG")
    return file.getvalue()


@dataclass
class Book:
    """What all visitors have met."""

    kept: dict[str, int] = field(default_factory=dict)  # ids of accepted jobs, by their visitor's number
    deleted: set[str] = field(default_factory=set)
    ends: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    lost_lines: int = 0  # connections that broke
    events: int = 0
    begins: list[float] = field(default_factory=list)  # seconds from the upload to the first preview


class Visitor:
    """One of them, with a cookie of his own."""

    def __init__(self, number: int, address: str, book: Book, seed: int) -> None:
        self._number, self._book = number, book
        self._rng = random.Random(f"{seed} {number}")
        limits = httpx.Limits(max_connections=6)
        self.client = httpx.AsyncClient(base_url=address, timeout=60.0, limits=limits)

    async def visit(self, pictures: int) -> None:
        """Open the page, have some pictures painted, and leave."""
        try:
            async with self.client:
                await self._ask("GET", "/", headers={"Accept": "text/html"})
                for _ in range(pictures):
                    await self._paint(self._rng.choice(PLANS))
                await self._look_around()
        except Exception as error:
            self._fault(f"{type(error).__name__}: {error}")

    async def send(self) -> str:
        """Have a picture painted: its id."""
        before = {job["id"] for job in (await self._ask("GET", "/api/jobs")).json()["jobs"]}
        files = {"picture": (f"../../{self._number}.png", picture_of(self._number), "image/png")}
        data = {"settings": json.dumps({**SETTINGS, "seed": self._rng.randrange(1000)})}
        give_up = time.monotonic() + PATIENCE
        while time.monotonic() < give_up:
            try:
                answer = await self._once("POST", "/api/jobs", files=files, data=data)
            except httpx.TransportError:  # perhaps it was taken in before
                await asyncio.sleep(0.5)
                jobs = (await self._ask("GET", "/api/jobs")).json()["jobs"]
                if new := [job["id"] for job in jobs if job["id"] not in before]:
                    return self._have(new[0])
                continue
            if answer.status_code == 201:
                return self._have(answer.json()["id"])
            if answer.status_code not in (429, 503):
                break
            await asyncio.sleep(min(5.0, float(answer.headers.get("Retry-After", 1))))
        raise RuntimeError(f"a picture is refused: {answer.status_code} {answer.text[:200]}")

    def _have(self, job: str) -> str:
        self._book.kept[job] = self._number
        return job

    async def _paint(self, plan: str) -> None:
        sent = time.monotonic()
        job = await self.send()
        changes = self._rng.randrange(1, 8)  # after which he does what he has in mind
        state = await self._follow(job, sent, changes if plan != "look on" else None)
        if plan == "delete":
            await self._ask("DELETE", f"/api/jobs/{job}")
            self._book.deleted.add(job)
            if (await self._ask("GET", f"/api/jobs/{job}")).status_code != 404:
                self._fault(f"{job} was deleted, and is there")
            self._book.ends["deleted"] += 1
            return
        if plan.startswith("stop") and state not in ENDED:
            await self._ask("POST", f"/api/jobs/{job}/stop")
            state = await self._follow(job)
        if state == "stopped" and plan == "stop and go on":
            await self._ask("POST", f"/api/jobs/{job}/resume")
        if state == "finished" and plan == "longer":
            await self._ask("POST", f"/api/jobs/{job}/resume", json={"effort": 0.9})
        state = await self._follow(job)
        self._book.ends[state] += 1
        await self._take_home(job)

    async def _follow(self, job: str, sent: float | None = None, changes: int | None = None) -> str:
        """Look on until it has ended, or so many changes have been seen; the last state."""
        state, give_up = "", time.monotonic() + PATIENCE
        while time.monotonic() < give_up:
            with suppress(httpx.TransportError, TimeoutError):
                async for name, data in self._events(job):
                    if name != "job":
                        continue
                    state = data["state"]
                    if data["id"] != job:
                        self._fault(f"{job} is shown {data['id']}")
                    if sent is not None and data["preview"]:
                        self._book.begins.append(time.monotonic() - sent)
                        sent = None
                    if changes is not None:
                        changes -= 1
                    if state in ENDED or changes == 0:
                        return state
            self._book.lost_lines += 1
            await asyncio.sleep(0.5)
        raise TimeoutError(f"{job} is {state} and stays so")

    async def _events(self, job: str) -> AsyncIterator[tuple[str, Any]]:
        timeout = httpx.Timeout(60.0, read=SILENCE)
        async with self.client.stream("GET", f"/api/jobs/{job}/events", timeout=timeout) as answer:
            self._book.statuses[answer.status_code] += 1
            if answer.status_code != 200:
                raise RuntimeError(f"{job}: its events answer {answer.status_code}")
            name = ""
            async for line in answer.aiter_lines():
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    self._book.events += 1
                    yield name, json.loads(line.removeprefix("data: "))

    async def _take_home(self, job: str) -> None:
        """Download what there is, and see that it is one's own."""
        files = (await self._ask("GET", f"/api/jobs/{job}")).json()["files"]
        for name in ("picture.png", "preview.png", "result.png", "result.svg"):
            if name not in files:
                continue
            answer = await self._ask("GET", f"/api/jobs/{job}/{name}")
            if answer.status_code != 200:
                self._fault(f"{job}: {name} was promised, and answers {answer.status_code}")
            elif name.endswith(".svg"):
                if b"</svg>" not in answer.content:
                    self._fault(f"{job}: {name} is cut off")
            elif name != "preview.png" or "result.png" in files:
                self.check_colour(job, name, answer.content)

    def check_colour(self, job: str, name: str, content: bytes) -> None:
        """See that a picture, a PNG, is of this visitor."""
        with Image.open(io.BytesIO(content)) as image:
            mean = np.asarray(image.convert("RGB")).reshape(-1, 3).mean(0)
        if np.abs(mean - colour_of(self._number)).max() > NEAR:
            self._fault(f"{job}: {name} has the colour {mean.round()}, not {colour_of(self._number)}")

    async def _look_around(self) -> None:
        """Try to see what others have."""
        others = [job for job, number in self._book.kept.items() if number != self._number]
        for job in self._rng.sample(others, min(3, len(others))):
            for path in ("", "/picture.png", "/result.png", "/events"):
                answer = await self._ask("GET", f"/api/jobs/{job}{path}")
                if answer.status_code != 404:
                    self._fault(f"another's {job}{path} answers {answer.status_code}")
        own = {job for job, number in self._book.kept.items() if number == self._number}
        seen = {job["id"] for job in (await self._ask("GET", "/api/jobs")).json()["jobs"]}
        if lost := own - self._book.deleted - seen:
            self._fault(f"lost: {', '.join(lost)}")
        if strange := seen - own:
            self._fault(f"sees others': {', '.join(strange)}")

    async def _ask(self, method: str, path: str, **rest: Any) -> httpx.Response:
        """Ask until somebody answers."""
        give_up = time.monotonic() + PATIENCE
        while True:
            try:
                answer = await self._once(method, path, **rest)
            except httpx.TransportError:
                if time.monotonic() > give_up:
                    raise
                await asyncio.sleep(0.5)
                continue
            if answer.status_code != 503 or time.monotonic() > give_up:
                return answer
            await asyncio.sleep(float(answer.headers.get("Retry-After", 1)))

    async def _once(self, method: str, path: str, **rest: Any) -> httpx.Response:
        try:
            answer = await self.client.request(method, path, **rest)
        except httpx.TransportError:
            self._book.lost_lines += 1
            raise
        self._book.statuses[answer.status_code] += 1
        if answer.status_code >= 500:
            self._fault(f"{method} {path} answers {answer.status_code}: {answer.text[:200]}")
        return answer

    def _fault(self, text: str) -> None:
        self._book.faults.append(f"visitor {self._number}: {text}")
