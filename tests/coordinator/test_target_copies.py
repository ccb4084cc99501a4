"""A large target lies in the run's folder, and a run goes on from there as it would have gone on."""

import numpy as np
import pytest
from PIL import Image

from engine.coordinator.run import restore_run, start_run, write_first_files
from engine.coordinator.target_copies import read_target
from engine.errors import CheckpointError
from engine.events import Event
from engine.image import target
from engine.image.target import open_target
from engine.storage.load import read_target_copy
from engine.storage.run_folder import STORED_IMPORTANCE, STORED_TARGET, TARGET, RunFolder
from tests.coordinator.test_run import painted, saved, spec_of
from tests.doubles.toy import picture


@pytest.fixture
def begun(tmp_path, monkeypatch):
    """A run of a picture that counts as large, and its folder."""
    monkeypatch.setattr(target, "HELD", 100)
    path = tmp_path / "a.png"
    Image.fromarray(picture(48, 64)).save(path)
    folder = RunFolder.create(tmp_path / "run")
    found = open_target(str(path), 64, importance="auto", room=tmp_path)
    return write_first_files(folder, start_run(spec_of(target=str(path)), found, None)), folder


def test_it_goes_on_from_its_files(begun):
    run, folder = begun
    assert run.target.stored.stored_pixels.path == folder / STORED_TARGET
    assert not folder.has(TARGET)
    assert set(run.copies) == {STORED_TARGET, STORED_IMPORTANCE}
    np.testing.assert_array_equal(read_target_copy(folder, ""), picture(48, 64))
    checkpoint = saved(painted(run, 5))
    (folder.path.parent / "a.png").unlink()
    told = list[Event]()
    found = read_target(folder, checkpoint, told.append)
    assert "a.png: can't be read any more" in str(told)
    np.testing.assert_array_equal(found.pixels, picture(48, 64))
    again = painted(restore_run(run.spec, found, checkpoint))
    whole = painted(run)
    for name, array in whole.state.arrays().items():
        np.testing.assert_array_equal(again.state.arrays()[name], array)


@pytest.mark.parametrize("name", [STORED_TARGET, STORED_IMPORTANCE])
@pytest.mark.parametrize(("damage", "sentence"), [("byte", "has been changed"), ("gone", "can't be read"),
                                                  ("short", "can't be read")])  # fmt: skip
def test_files_that_are_not_what_they_were_are_refused(begun, name, damage, sentence):
    run, folder = begun
    checkpoint, content = saved(run), bytearray((folder / name).read_bytes())
    if damage == "gone":
        (folder / name).unlink()
    else:
        content[5000] ^= 1
        (folder / name).write_bytes(content if damage == "byte" else content[:-1])
    with pytest.raises(CheckpointError, match=sentence):
        read_target(folder, checkpoint, lambda event: None)
