"""What can be wrong with the list of snapshots and with their order, while every checksum is right."""

from __future__ import annotations

import functools
import json
import random
from collections.abc import Callable
from typing import Any

from engine.storage.run_folder import SNAPSHOTS
from scripts.soaks.sites import SECRET, Site


def in_lines(change: Callable[[list[str], Site], None], site: Site, name: str) -> None:
    """Change the lines of a file."""
    path = site.path(name)
    lines = path.read_text().splitlines()
    change(lines, site)
    path.write_text("".join(f"{line}\n" for line in lines))


def _exchange(lines: list[str], site: Site) -> None:
    one, other = site.rng.sample(range(len(lines)), 2)
    lines[one], lines[other] = lines[other], lines[one]


def _renumber(lines: list[str], site: Site) -> None:
    """Two snapshots change their places, and the list looks as it should."""
    records = [json.loads(line) for line in lines]
    one, other = site.rng.sample(range(len(records)), 2)
    for key in ("file", "offset", "bytes", "checksum"):
        records[one][key], records[other][key] = records[other][key], records[one][key]
    lines[:] = map(json.dumps, records)


def _set(key: str, values: Callable[[Site], Any], lines: list[str], site: Site) -> None:
    place = site.rng.randrange(len(lines))
    lines[place] = json.dumps({**json.loads(lines[place]), key: values(site)})


def _elsewhere(site: Site) -> str:
    outside = str(site.outside)
    names = [f"{outside}/{SECRET}", f"../../outside/{SECRET}", "snapshots/../../../outside/folder/keep.txt",
             f"snapshots/{outside}", "/dev/zero", ".lock", "snapshots", "spec.yaml\0"]  # fmt: skip
    return site.rng.choice(names)


def _any_of(*values: Any) -> Callable[[Site], Any]:
    return lambda site: site.rng.choice(values)


LISTS: dict[str, Callable[[list[str], Site], None]] = {
    "a line twice": lambda lines, site: lines.insert(0, site.rng.choice(lines)),
    "a line removed": lambda lines, site: lines.remove(site.rng.choice(lines)),
    "lines exchanged": _exchange,
    "snapshots exchanged": _renumber,
    "half a line at the end": lambda lines, site: lines.append(lines[-1][: len(lines[-1]) // 2]),
    "an offset elsewhere": functools.partial(_set, "offset", _any_of(1, 7, 10**6, 10**15)),
    "a huge size": functools.partial(_set, "bytes", _any_of(10**9, 10**12, 2**63)),
    "a file outside": functools.partial(_set, "file", _elsewhere),
    "a wrong index": functools.partial(_set, "index", _any_of(10**9, 2**70, 0)),
}


def in_frames(change: Callable[[list[bytes], random.Random], None], site: Site, name: str) -> None:
    """Change whole frames of the first segment."""
    path = site.path(name)
    records = [json.loads(line) for line in (site.run / SNAPSHOTS).read_text().splitlines()]
    mine = [each for each in records if each["file"].endswith(path.name)]
    content = path.read_bytes()
    parts = [content[each["offset"] : each["offset"] + each["bytes"]] for each in mine]
    change(parts, site.rng)
    path.write_bytes(b"".join(parts))


def _exchange_frames(parts: list[bytes], rng: random.Random) -> None:
    one, other = rng.sample(range(len(parts)), 2)
    parts[one], parts[other] = parts[other], parts[one]


SEGMENTS: dict[str, Callable[[list[bytes], random.Random], None]] = {
    "frames exchanged": _exchange_frames,
    "a frame twice": lambda parts, rng: parts.insert(rng.randrange(len(parts)), rng.choice(parts)),
    "a frame removed": lambda parts, rng: parts.remove(rng.choice(parts)),
    "noise at the end": lambda parts, rng: parts.append(rng.randbytes(100)),
}
