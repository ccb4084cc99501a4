"""`tessera channels` makes a sheet, and says what it can't make."""

import json

import numpy as np
import pytest
from PIL import Image


def test_a_sheet_is_made_and_not_replaced(tessera, tmp_path):
    done = tessera("channels", "v4", "--steps", "1", "-s", "32", "--json", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    drawing = [event for event in events if event["event"] == "exporting"]
    assert drawing[-1]["row"] == drawing[-1]["rows"]
    path = tmp_path / "outputs/channels-v4.png"
    assert [event["file"] for event in events if event["event"] == "exported"] == [str(path)]
    with Image.open(path) as sheet:
        assert sheet.height == drawing[-1]["rows"]
        assert np.asarray(sheet.convert("L")).std() > 20
    again = tessera("channels", "v4", cwd=tmp_path)
    assert again.returncode == 2
    assert "is there already" in again.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["v4", "-o", "sheet.jpg"], "must be the name of a PNG"),
        (["v4", "--device", "tpu"], "must be cpu, cuda or auto"),
        (["v4", "--only", "3"], "have names"),
        (["sqeezenet/fire6"], "perhaps squeezenet is meant"),
        (["vgg19/conv1_1"], "weights"),
    ],
)
def test_what_can_not_be_made_is_told(tessera, tmp_path, words, said):
    if "/" in words[0]:
        pytest.importorskip("torch")
    done = tessera("channels", *words, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not list(tmp_path.iterdir())
