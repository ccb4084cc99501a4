"""Names of files that aren't UTF-8, in every place where a name is a setting."""

import os
from pathlib import Path

import imageio_ffmpeg
import pytest
import yaml
from PIL import Image

import engine
from engine.batch.jobs_file import read_jobs, tasks_of
from engine.coordinator.initial_scene import open_start
from engine.errors import SpecError
from engine.image.target import open_target
from engine.painters.registry import params_of
from engine.spec.resolution import resolve
from engine.spec.settings import from_assignments, from_flags, from_keywords, read_document
from engine.storage.checkpoint import read_checkpoint
from engine.storage.run_folder import RunFolder
from engine.storage.status import read_status
from tests.doubles.pictures import smooth
from tests.test_library import SHORT_FILM, SMALL

ODD = os.fsdecode(b"od\xffd")
PLACES = {
    "target": ODD,
    "importance": ODD,
    "from": ODD,
    "out": f"{ODD}/out",
    "film.encoder": f"/{ODD}/ffmpeg",
    "animation.to": ODD,
    "notify.on-success": f"{ODD}/tell",
}


def test_such_names_are_settings_and_come_back_from_yaml(tmp_path: Path) -> None:
    for document in (from_flags(PLACES), from_keywords(PLACES)):
        spec = resolve([document], params_of)
        (tmp_path / "spec.yaml").write_text(spec.to_yaml(), encoding="ascii")
        assert resolve([read_document(tmp_path / "spec.yaml")], params_of) == spec
        assert (spec.target, spec.start, spec.film.encoder) == (ODD, ODD, f"/{ODD}/ffmpeg")
        assert yaml.safe_load(spec.to_yaml())["target"] == ODD
        assert len(spec.digest()) == 64
    (setting,) = from_assignments([f"film.encoder=/{ODD}/ffmpeg"]).settings.values()
    assert setting.value == f"/{ODD}/ffmpeg"


def test_other_settings_are_no_names(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"--background must be auto, mean"):
        resolve([from_flags({"target": "a", "background": ODD})], params_of)


def test_a_batch_finds_such_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / f"{ODD}.YML").write_text("target: a.png")
    (tmp_path / f"{ODD}.png").touch()
    (tmp_path / f"{ODD}.jobs").write_text("jobs: ['o*.png', 'o*.YML']")
    tasks = [*tasks_of("o*.YML"), *tasks_of("*.png"), *read_jobs(tmp_path / f"{ODD}.jobs").tasks]
    assert [task.spec and task.spec.target for task in tasks] == [
        "a.png",
        f"{ODD}.png",
        f"{ODD}.png",
        "a.png",
    ]


def test_a_run_of_such_names_does_all_that_runs_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / ODD
    folder.mkdir()
    monkeypatch.chdir(folder)
    for name in (ODD, "mask"):
        Image.fromarray(smooth(40, 60)).save(name, "PNG")
    (folder / f"{ODD}-ffmpeg").symlink_to(imageio_ffmpeg.get_ffmpeg_exe())
    settings = {
        "film": {
            **SHORT_FILM,
            "encoder": str(folder / f"{ODD}-ffmpeg"),
            "compare": "beside",
            "pacing": "shapes",
        },
        "importance": ODD,
    }
    run = engine.render(ODD, **SMALL, folder=f"{ODD}-run", settings=settings)
    assert run.folder is not None
    assert (run.folder / "evolution.mp4").stat().st_size > 1000
    assert read_checkpoint(RunFolder(run.folder)).checkpoint.header.mask == str(folder / ODD)
    run.film("film.gif", size=48, pacing="shapes")
    run.export("picture.svg")
    run.export("picture.pdf")
    assert run.report().stat().st_size > 1000
    again = engine.open_run(run.folder)
    assert again.status.state == "finished"
    assert read_status(run.folder).target_sha256
    assert "od" in (run.folder / "spec.yaml").read_text(encoding="ascii")
    wanted = resolve([from_keywords({"target": "mask", "from": f"{ODD}-run", **SMALL})], params_of)
    assert open_start(wanted, open_target("mask", 60), lambda event: None) is not None
