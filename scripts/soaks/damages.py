"""Damages: all that can lie in a run's folder, by a grammar over each of its files, in one deck."""

from __future__ import annotations

import functools
import os
import random
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.storage.run_folder import (
    CHECKPOINTS,
    IMPORTANCE,
    LOCK,
    LOG,
    OLDER_LOG,
    PNG,
    PREVIEW,
    REPORT,
    RESULT,
    SNAPSHOT_FOLDER,
    SNAPSHOTS,
    SPEC,
    SVG,
    TARGET,
)
from scripts.soaks.lists import LISTS, SEGMENTS, in_frames, in_lines
from scripts.soaks.sites import FOLDER, FRAMES, NEW, SECRET, Site

FILM = "evolution.mp4"
STATE = (SPEC, TARGET, *CHECKPOINTS, SNAPSHOTS, FRAMES, RESULT, LOG)  # what others are made from
MADE = (LOCK, PREVIEW, SVG, PNG, FILM)
# What commands write, and what they sweep.
TO_COME = (OLDER_LOG, IMPORTANCE, REPORT, "picture.svg", "picture.png", "picture.json", "assemble.png",
           "evolution.png", ".film-left", ".left.part")  # fmt: skip
SPARSE = 50 * 10**9  # bytes that a file of holes pretends to have
BLOCK = 512  # bytes that are overwritten


Doing = Callable[[Site, str], None]


@dataclass(frozen=True)
class Damage:
    """One kind of damage to one file."""

    kind: str
    file: str
    do: Doing
    is_believed: bool = False  # it says something else in a valid manner: nobody can know what was there

    @property
    def leads_outside(self) -> bool:
        """Whether something in the folder is a link to what is nobody's business."""
        return self.kind.startswith("a link to a f")

    @property
    def name(self) -> str:
        """Of the cell."""
        return f"{self.kind}, {self.file}"


def cells(kinds: Mapping[str, Doing], files: tuple[str, ...], believed: tuple[str, ...] = ()) -> list[Damage]:
    """Each kind of damage to each file; believed: kinds and files of which nobody can know."""
    return [
        Damage(kind, file, do, kind in believed or file in believed)
        for kind, do in kinds.items()
        for file in files
    ]


# What a dying disk does.


def _flipped(content: bytes, rng: random.Random) -> bytes:
    changed = bytearray(content)
    if changed:
        bit = rng.randrange(8 * len(changed))
        changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def _cut(content: bytes, rng: random.Random) -> bytes:
    return content[: rng.randrange(max(1, len(content)))]


def _block(content: bytes, rng: random.Random, fill: Callable[[int], bytes]) -> bytes:
    begin = rng.randrange(max(1, len(content)))
    size = min(rng.randint(1, BLOCK), max(1, len(content) - begin))
    return content[:begin] + fill(size) + content[begin + size :]


def _shifted(content: bytes, rng: random.Random) -> bytes:
    begin = rng.randrange(max(1, len(content)))
    return content[:begin] + rng.randbytes(rng.randint(1, 8)) + content[begin:]


BYTES: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "one bit flipped": _flipped,
    "cut": _cut,
    "emptied": lambda content, rng: b"",
    "a block of zeros": lambda content, rng: _block(content, rng, bytes),
    "a block of noise": lambda content, rng: _block(content, rng, rng.randbytes),
    "all noise": lambda content, rng: rng.randbytes(len(content)),
    "bytes between": _shifted,
    "twice": lambda content, rng: content + content,
}


def _bytewise(change: Callable[[bytes, random.Random], bytes], site: Site, name: str) -> None:
    path = site.path(name)
    path.write_bytes(change(path.read_bytes() if path.exists() else b"", site.rng))


def _swapped(site: Site, name: str) -> None:
    one, other = site.path(name), site.path(site.rng.choice([each for each in STATE if each != name]))
    if one.exists() and other.exists():
        before = one.read_bytes()
        one.write_bytes(other.read_bytes())
        other.write_bytes(before)


# What a stranger puts in a file's place.


def _gone(path: Path) -> Path:
    """A path at which there is nothing any more."""
    shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink(missing_ok=True)
    return path


def _link(goal: str, site: Site, name: str) -> None:
    _gone(site.path(name)).symlink_to(site.outside / goal)


def _link_to_itself(site: Site, name: str) -> None:
    path = _gone(site.path(name))
    path.symlink_to(path.name)


def _moved(site: Site, name: str) -> None:
    """The thing itself, outside, and a link to it."""
    path = site.path(name)
    if path.exists():
        path.rename(site.outside / path.name)
    path.symlink_to(site.outside / path.name)


def _hard_link(site: Site, name: str) -> None:
    path, own = site.path(name), site.outside / "own"
    if not path.exists():
        path.write_bytes(b"{}\n")
    if not path.is_dir():
        os.link(path, own)


def _pipe(site: Site, name: str) -> None:
    os.mkfifo(_gone(site.path(name)))


def _folder(site: Site, name: str) -> None:
    path = _gone(site.path(name))
    path.mkdir()
    (path / "keep.txt").write_text("not made by Tessera\n")


def _device(site: Site, name: str) -> None:
    _gone(site.path(name)).symlink_to("/dev/zero")


def _sparse(site: Site, name: str) -> None:
    path = site.path(name)
    with path.open("r+b" if path.is_file() else "wb") as file:
        file.truncate(SPARSE)


def _unreadable(site: Site, name: str) -> None:
    if site.path(name).exists():
        site.path(name).chmod(0)


def _removed(site: Site, name: str) -> None:
    _gone(site.path(name))


PLACES: dict[str, Doing] = {
    "a link to a file": functools.partial(_link, SECRET),
    "a link to a folder": functools.partial(_link, FOLDER),
    "a link to nothing": functools.partial(_link, NEW),
    "a pipe": _pipe,
    "a folder": _folder,
}
MORE_PLACES: dict[str, Doing] = {
    "moved, and a link to it": _moved,
    "a link to itself": _link_to_itself,
    "a hard link": _hard_link,
    "a device": _device,
    "50 GB of holes": _sparse,
    "removed": _removed,
    **({"unreadable": _unreadable} if os.geteuid() else {}),  # whom all can be read by
}


def disk() -> Iterator[Damage]:
    """All that needs no knowledge of what is in the files, and what lists and segments can suffer."""
    noise = {kind: functools.partial(_bytewise, change) for kind, change in BYTES.items()}
    yield from cells({**noise, "swapped": _swapped}, STATE, (SPEC, "swapped"))
    yield from cells({kind: noise[kind] for kind in ("one bit flipped", "all noise")}, MADE)
    yield from cells({**PLACES, **MORE_PLACES}, (*STATE, LOCK), (SPEC, "removed"))
    yield from cells(PLACES, (SNAPSHOT_FOLDER, *MADE[1:], *TO_COME))
    yield from cells(
        {"moved, and a link to it": _moved, "removed": MORE_PLACES["removed"]},
        (SNAPSHOT_FOLDER,),
        ("removed",),
    )
    lists = {kind: functools.partial(in_lines, change) for kind, change in LISTS.items()}
    yield from cells(lists, (SNAPSHOTS,), ("a line removed",))
    yield from cells(
        {kind: functools.partial(in_frames, change) for kind, change in SEGMENTS.items()}, (FRAMES,)
    )
