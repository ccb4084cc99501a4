"""YAML that can't be read is refused by its file and line."""

import os
from pathlib import Path

import pytest

from engine.spec.settings import read_document
from engine.spec.yaml_reader import is_spec
from tests.doubles.toy_specs import read, refusal

FOREIGN = "a zero byte and half a surrogate pair can't be in a text."
ANCHORS = "anchors (&), aliases (*) and tags (!) aren't known here; write it out, or in quotes."


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("size: 1\nseed: 2\nsize: 3", ":3: size is given twice, on lines 1 and 3; keep one of them."),
        (
            "result-size: 1\nresult_size: 2",
            ":2: result_size is given twice, on lines 1 and 2; keep one of them.",
        ),
        ("film:\n  fps: 1\nfilm: {}", ":3: film is given twice, on lines 1 and 3; keep one of them."),
        ("film:\n  fps: 1\n  fps: 2", ":3: film.fps is given twice, on lines 2 and 3; keep one of them."),
        (
            "size: 1\n\tseed: 2",
            ":2: can't be read at column 1: found character '\\t' that cannot start any token.",
        ),
        ("a: 1\n---\nb: 2", ":2: can't be read at column 1: but found another document."),
        ("a: &x 1\nb: *x", f":1: can't be read at column 4: {ANCHORS}"),
        ("b: *x", f":1: can't be read at column 4: {ANCHORS}"),
        ("size: !!python/object:os.system 1", f":1: can't be read at column 7: {ANCHORS}"),
        ("? [a]\n: 1", ":1: a key must be one word, such as size."),
        ("a: " + "[" * 5000, ":1: can't be read at column 23: it is nested too deeply."),
        ('a: 1\nb: "\\UFFFFFFFF"', ":1: can't be read as YAML: "),
        ('a: 1\nb: "\\0"', f":2: can't be read at column 4: {FOREIGN}"),
        ('a: "\\ud800"', f":1: can't be read at column 4: {FOREIGN}"),
        ('"\\udfff": 1', f":1: can't be read at column 1: {FOREIGN}"),
        ("a: 1\nb: \x00", ":2: the character 0x0 can't be in YAML."),
    ],
)
def test_unreadable_yaml(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "spec.yaml"
    assert refusal(lambda: read(path, text)).startswith(f"{path}{message}")


def test_unreadable_files(tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    assert refusal(lambda: read_document(path)) == f"{path} doesn't exist; give the path of a YAML file."
    assert refusal(lambda: read_document(tmp_path)) == f"{tmp_path} is a folder; give a YAML file."
    path.write_bytes("target: café".encode("latin-1"))
    assert refusal(lambda: read_document(path)) == f"{path} isn't UTF-8 text (byte 11); save it as UTF-8."
    path.write_bytes(b"target: a\n" * 10_001)
    assert refusal(lambda: read_document(path)) == f"{path} is larger than 100 kB; that is no spec."
    path.write_bytes("target: a".encode("utf-16"))
    assert refusal(lambda: read_document(path)) == f"{path} isn't UTF-8 text (byte 0); save it as UTF-8."
    path.write_bytes("\ufefftarget: a".encode())
    assert read_document(path).settings["target"].value == "a"
    pipe, long = tmp_path / "pipe.yaml", tmp_path / ("a" * 300)
    os.mkfifo(pipe)
    assert refusal(lambda: read_document(pipe)) == f"{pipe} is a device, pipe or socket; give a YAML file."
    assert refusal(lambda: read_document(long)) == f"{long} can't be read: File name too long."
    path.write_bytes(b"target: a\n" * 10_001)
    inside = path / "spec.yaml"
    assert refusal(lambda: read_document(inside)).startswith(f"{inside} can't be read: ")


@pytest.mark.parametrize("name", ["a.yaml", "a.yml", "JOB.YAML", "a.YML", "b/a.Yml", ".yaml"])
def test_a_spec_is_told_by_its_suffix(name: str) -> None:
    assert is_spec(name)
    assert not is_spec(f"{name}.png")
