"""What a server is asked to do, and what it lets its visitors do."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

LOOPBACK = ("127.0.0.1", "::1", "localhost")
DAY = 86_400.0
# Below the outputs: the list of jobs, a folder for each, and pictures on their way;
DATABASE, JOBS, INCOMING = "web.sqlite", "jobs", "incoming"
PICTURE, RUN = "picture.png", "run"  # and in a job's folder: what was let in, and the run's folder.


@dataclass(frozen=True)
class Limits:
    """What visitors may ask for at most; bytes, pixels and seconds."""

    upload_bytes: int = 20_000_000
    megapixels: float = 50  # of an uploaded picture
    picture_side: int = 2048  # of the copy of it that is kept
    queued: int = 5  # jobs of a visitor that wait or are painted
    uploads_hour: int = 60  # of a visitor
    visitor_bytes: int = 500_000_000  # that a visitor's paintings take
    line: int = 200  # jobs of all visitors that wait
    all_bytes: int = 20_000_000_000  # that all paintings take
    size: int = 1024  # the longest side that is painted at,
    effort: float = 8.0
    count: int = 12_000  # as dots of ink are usual
    film_seconds: float = 60.0
    film_size: int = 720
    result_size: int = 6000  # and that a picture is downloaded at
    job_seconds: float = 600.0  # of a processor, as estimated before a job is accepted


@dataclass(frozen=True)
class ServeOptions:
    """What a server is asked to do."""

    outputs: Path
    host: str = "127.0.0.1"
    port: int = 8000
    jobs: int = 1  # that are painted at a time
    workers: int | None = None  # of each; None: as many as there are cores
    token: str | None = field(default=None, repr=False)  # that visitors have to know
    is_open: bool = False  # to whoever can reach it
    url: str | None = None  # by which visitors know it, such as https://studio.example/paint
    keep: float | None = 7 * DAY  # seconds after which a painting goes; None: never
    is_sharing: bool = False  # whether visitors may show others what they have painted
    limits: Limits = field(default_factory=Limits)

    @property
    def root(self) -> str:
        """What stands before all paths, such as /paint; without a slash at its end."""
        return urlsplit(self.url or "").path.rstrip("/")

    @property
    def is_secure(self) -> bool:
        """Whether visitors come by https."""
        return urlsplit(self.url or "").scheme == "https"

    @property
    def public_host(self) -> str | None:
        """The host of the address by which visitors know it, in lower case."""
        return urlsplit(self.url or "").hostname

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach it."""
        return self.host in LOOPBACK


State = Literal["queued", "painting", "finished", "stopped", "failed"]
Action = Literal["render", "resume"]
WAITING: tuple[State, ...] = ("queued", "painting")  # jobs that the server still has to do with
