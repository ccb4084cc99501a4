"""Damages that somebody means: wrong types in every file, and hostile content whose checksums are right."""

from __future__ import annotations

import functools
import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.storage.checkpoint import FACTS, SCENE
from engine.storage.checksum import checksum
from engine.storage.run_folder import CHECKPOINTS, LOG, RESULT, SNAPSHOTS, SPEC, RunFolder
from engine.storage.segments import FIRST, Frame
from engine.storage.snapshots import SnapshotReader, read_snapshots
from scripts.soaks.damages import Damage, cells
from scripts.soaks.sites import FRAMES, SECRET, TOOL, Site
from scripts.soaks.values import SETTINGS, TEXTS, VALUES, mutated

Arrays = dict[str, NDArray[Any]]
HEADER, STATED, LINE = "checkpoint headers", "checkpoint facts", "frame headers"  # what is in files
SCENES, STATES, KEPT = "checkpoint scenes", "checkpoint states", "snapshot scenes"
MANY = 10**9


# JSON with a value of another type, and the checksums made anew.


def _typed_lines(raw: str, site: Site, name: str) -> None:
    """In one line of a file of lines, or in a file that is one value."""
    path = site.path(name)
    if not path.exists():
        return
    text = path.read_text()
    lines = [text] if name == RESULT else text.splitlines()
    place = site.rng.randrange(len(lines))
    lines[place] = mutated(json.loads(lines[place]), raw, site.rng)
    path.write_text("".join(f"{line}\n" for line in lines))


def _typed_setting(raw: str, site: Site, name: str) -> None:
    """In place of one value of the spec; what is no YAML is wrong in another way."""
    path = site.path(name)
    lines = path.read_text().splitlines()
    key, _, _ = (chosen := site.rng.choice(lines)).partition(":")
    lines[lines.index(chosen)] = f"{key}: {raw}"
    path.write_text("".join(f"{line}\n" for line in lines))


def _sealed(fields: Mapping[str, Any], raw: str, payload: bytes, site: Site) -> bytes:
    """A header with another value somewhere, and a checksum that is right where there can be one."""
    text = mutated({name: value for name, value in fields.items() if name != "checksum"}, raw, site.rng)
    return f'{text[:-1]}, "checksum": {json.dumps(_checksum_of(text, payload))}}}\n'.encode() + payload


def _checksum_of(text: str, payload: bytes) -> str:
    try:
        return checksum(json.loads(text), payload)
    except (ValueError, RecursionError):
        return "none"


def _typed_header(raw: str, site: Site, name: str) -> None:
    for path in _checkpoints(site):
        line, _, payload = path.read_bytes().partition(b"\n")
        path.write_bytes(_sealed(json.loads(line), raw, payload, site))


def _typed_facts(raw: str, site: Site, name: str) -> None:
    def change(arrays: Arrays) -> Arrays:
        facts = mutated(json.loads(arrays[FACTS].tobytes()), raw, site.rng).encode()
        return {**arrays, FACTS: np.frombuffer(facts, np.uint8)}

    for path in _checkpoints(site):
        _rewrite(path, change)


def _typed_frame(raw: str, site: Site, name: str) -> None:
    """The first frame's header, so that nothing before it is wrong; the list is made to fit."""
    path, manifest = site.path(FRAMES), site.run / SNAPSHOTS
    records = [json.loads(line) for line in manifest.read_text().splitlines()]
    end = records[0]["bytes"]
    content = path.read_bytes()
    line, _, payload = content[:end].partition(b"\n")
    frame = _sealed(json.loads(line), raw, payload, site)
    path.write_bytes(frame + content[end:])
    records[0]["bytes"] = len(frame)
    try:
        records[0]["checksum"] = json.loads(frame.partition(b"\n")[0])["checksum"]
    except (ValueError, RecursionError):
        return
    manifest.write_text("".join(f"{json.dumps(each)}\n" for each in records))


# Arrays that can't be.


def _filled(value: float, array: NDArray[Any], site: Site) -> NDArray[Any]:
    """The value in one place, or everywhere."""
    changed = array.copy()
    place = site.rng.randrange(changed.size) if changed.size and site.rng.random() < 0.5 else slice(None)
    changed.reshape(-1)[place] = value
    return changed


def _of_kind(*kinds: str) -> Callable[[NDArray[Any]], bool]:
    return lambda array: array.dtype.kind in kinds and array.size > 0


FLOATS, WHOLE, SIZED = _of_kind("f"), _of_kind("i", "u"), lambda array: array.ndim > 0 and len(array) > 0
Change = Callable[[NDArray[Any], Site], NDArray[Any]]
# What may be changed, and how.
ARRAYS: dict[str, tuple[Callable[[NDArray[Any]], bool], Change]] = {
    "not a number": (FLOATS, functools.partial(_filled, np.nan)),
    "infinity": (FLOATS, functools.partial(_filled, np.inf)),
    "1e30": (FLOATS, functools.partial(_filled, 1e30)),
    "negative": (lambda array: array.dtype.kind in "fi" and array.size > 0, functools.partial(_filled, -7)),
    "the largest": (WHOLE, lambda array, site: _filled(np.iinfo(array.dtype).max, array, site)),
    "zero": (WHOLE, functools.partial(_filled, 0)),
    "beyond what there is": (WHOLE, functools.partial(_filled, 99)),
    "too short": (SIZED, lambda array, site: array[:-1]),
    "empty": (SIZED, lambda array, site: array[:0]),
    "too long": (SIZED, lambda array, site: np.concatenate([array, array[-1:].repeat(1000, axis=0)])),
    "another type": (
        lambda array: True,
        lambda array, site: array.astype(site.rng.choice(["<f8", "<f2", "|i1", "|b1", "<i2", ">i8", "<u8"])),
    ),
    "another shape": (
        lambda array: array.size > 0,
        lambda array, site: array.reshape(site.rng.choice([(1, *array.shape), (*array.shape, 1), (-1,)]))
        if array.ndim else array.reshape(1, 1),
    ),
}  # fmt: skip


def _hostile(kind: str, arrays: Arrays, site: Site) -> Arrays:
    """One of the arrays is what it can't be; unchanged when none can be that."""
    fits, change = ARRAYS[kind]
    names = [name for name, array in arrays.items() if fits(array)]
    if not names:
        return arrays
    name = site.rng.choice(names)
    with np.errstate(all="ignore"):
        return {**arrays, name: change(arrays[name], site)}


def _hostile_checkpoints(kind: str, site: Site, name: str) -> None:
    def change(arrays: Arrays) -> Arrays:
        own = {each: array for each, array in arrays.items() if each.startswith(SCENE) == (name == SCENES)}
        own.pop(FACTS, None)
        return {**arrays, **_hostile(kind, own, site)}

    for path in _checkpoints(site):
        _rewrite(path, change)


def _without(site: Site, name: str) -> None:
    for path in _checkpoints(site):
        _rewrite(path, lambda arrays: {k: v for k, v in arrays.items() if k != site.rng.choice([*arrays])})


class _Trap:
    """What a pickle would run."""

    def __init__(self, program: str) -> None:
        self.program = program

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        import os

        return os.system, (self.program,)


def _pickled(site: Site, name: str) -> None:
    trap = np.array([_Trap(str(site.outside / TOOL))], object)
    for path in _checkpoints(site):
        _rewrite(path, lambda arrays: {**arrays, site.rng.choice([*arrays]): trap})


def _announced(site: Site, name: str) -> None:
    """Arrays of a few bytes that say that they are very large."""
    for path in _checkpoints(site):
        _rewrite(path, lambda arrays: arrays, site.rng.choice([(MANY,), (MANY, MANY), (2**40,), (-1,)]))


def _hostile_snapshots(kind: str, site: Site, name: str) -> None:
    """One scene of the list, packed anew with all that follow it, and the list made to fit."""
    folder = RunFolder(site.run)
    snapshots, reader = read_snapshots(folder), SnapshotReader(folder)
    scenes = [dict(reader.arrays(each)) for each in snapshots]
    place = site.rng.randrange(len(scenes))
    scenes[place] = _hostile(kind, scenes[place], site)
    lines = [json.loads(line) for line in (site.run / SNAPSHOTS).read_text().splitlines()]
    content, base, before = b"", FIRST, dict[str, NDArray[Any]]()
    for snapshot, arrays, line in zip(snapshots, scenes, lines, strict=True):
        frame = Frame.of(snapshot.index, arrays, base, before)
        packed = frame.to_bytes()
        line |= {"file": snapshots[0].file, "offset": len(content), "bytes": len(packed),
                 "checksum": frame.checksum}  # fmt: skip
        content, base, before = content + packed, frame.checksum, arrays
    (site.run / snapshots[0].file).write_bytes(content)
    (site.run / SNAPSHOTS).write_text("".join(f"{json.dumps(line)}\n" for line in lines))


def _checkpoints(site: Site) -> list[Path]:
    """Both, so that there is none to fall back on."""
    return [path for path in map(site.path, CHECKPOINTS) if path.is_file()]


def _rewrite(
    path: Path, change: Callable[[Arrays], Arrays], announced: tuple[int, ...] | None = None
) -> None:
    """A checkpoint with other arrays. announced: the shape that the first of them claims to have."""
    line, _, payload = path.read_bytes().partition(b"\n")
    with np.load(io.BytesIO(payload)) as content:
        arrays = change({name: content[name] for name in content.files})
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for place, (name, array) in enumerate(arrays.items()):
            member = io.BytesIO()
            if announced and place == 1:
                head = {"descr": array.dtype.str, "fortran_order": False, "shape": announced}
                np.lib.format.write_array_header_1_0(member, head)
                member.write(array.tobytes())
            else:
                np.lib.format.write_array(member, array)
            archive.writestr(f"{name}.npy", member.getvalue())
    fields = json.loads(line)
    del fields["checksum"]
    fields["checksum"] = checksum(fields, packed.getvalue())
    path.write_bytes(json.dumps(fields).encode() + b"\n" + packed.getvalue())


# Settings of a spec that isn't ours.


def _settings(path: str, value: str, site: Site, name: str) -> None:
    """Set one; the value may name the folder outside, its secret and the program that may never run."""
    value = value.format(outside=site.outside, tool=site.outside / TOOL, secret=site.outside / SECRET)
    lines, keys = (site.run / SPEC).read_text().splitlines(), path.split(".")
    begin = 0
    for depth, key in enumerate(keys):
        begin = next(at for at in range(begin, len(lines)) if lines[at].startswith(f"{'  ' * depth}{key}:"))
    lines[begin] = f"{'  ' * (len(keys) - 1)}{keys[-1]}: {value}"
    (site.run / SPEC).write_text("".join(f"{line}\n" for line in lines))


def _text(text: str, site: Site, name: str) -> None:
    (site.run / SPEC).write_text(text.format(outside=site.outside, tool=site.outside / TOOL))


def meant() -> Iterator[Damage]:
    """All that somebody has to know our formats for."""
    kinds = {
        (RESULT, SNAPSHOTS, LOG): _typed_lines,
        (SPEC,): _typed_setting,
        (HEADER,): _typed_header,
        (STATED,): _typed_facts,
        (LINE,): _typed_frame,
    }
    for files, do in kinds.items():
        typed = {f"a value is {kind}": functools.partial(do, raw) for kind, raw in VALUES.items()}
        yield from cells(typed, files, files)
    for names, make in {(SCENES, STATES): _hostile_checkpoints, (KEPT,): _hostile_snapshots}.items():
        arrays = {f"an array is {kind}": functools.partial(make, kind) for kind in ARRAYS}
        yield from cells(arrays, names, names)
    other = {
        "an array is missing": _without,
        "a pickle": _pickled,
        "a small array says it is large": _announced,
    }
    yield from cells(other, (SCENES,), (SCENES,))
    for path, value in SETTINGS:
        yield Damage(f"{path} is {value[:40]}", SPEC, functools.partial(_settings, path, value), True)
    for kind, text in TEXTS.items():
        yield Damage(kind, SPEC, functools.partial(_text, text), True)
