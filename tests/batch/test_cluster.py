"""Batches on a real Dask cluster: in folders that all see, and in folders that are brought back."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.batch import cluster as cluster_module
from engine.batch.batch import BatchOptions, batch
from engine.batch.cluster import bring_back
from engine.batch.elsewhere import FILES
from engine.batch.jobs_file import tasks_of
from engine.batch.parcel import packed, unpacked
from engine.batch.task_folder import Step
from engine.batch.work import Attempt
from engine.errors import RunError
from engine.events import BatchEnded, Event, Notice
from engine.parallel.place import Place
from engine.spec.models import RunSpec
from engine.storage.status import read_status
from engine.storage.zoom_folder import SIGN
from tests.doubles.dask_cluster import DaskCluster
from tests.doubles.runs import Command, is_named

SPEC = """
target: {target}
size: 90
grid: 2x3
painter: {{name: polygons, count: 60}}
budget: {{effort: {effort}}}
film: {{enabled: false}}
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[DaskCluster]:
    with DaskCluster(2) as found:
        found.wait_for_workers(2)
        yield found


@pytest.fixture
def here(tmp_path: Path, photo: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, effort in (("one", 0.1), ("two", 0.2)):
        Path(f"{name}.yaml").write_text(SPEC.format(target=photo, effort=effort))
    return tmp_path


def work(cluster: DaskCluster, *sources: str, **options: object) -> tuple[BatchEnded, list[Event]]:
    heard: list[Event] = []
    tasks = [task for source in sources for task in tasks_of(source)]
    place = Place(cluster.address, 60.0)
    wanted = BatchOptions(Path("outputs"), place=place, **options)  # type: ignore[arg-type]
    return batch(tasks, wanted, heard.append, heard.append), heard


def test_pictures_are_painted_in_folders_that_all_see(
    cluster: DaskCluster, here: Path, run_folder: Path
) -> None:
    Path("made").mkdir()
    ended, heard = work(cluster, "one.yaml", "missing.png", "two.yaml", files=("made/{name}-{n}.png",))
    assert [job.outcome for job in ended.jobs] == ["done", "failed", "done"], [job.why for job in ended.jobs]
    assert (ended.exit_code, ended.jobs[1].exit_code) == (4, 2)
    assert not [event for event in heard if isinstance(event, Notice)]
    assert (
        Path(str(ended.jobs[0].folder), "result.svg").read_bytes() == (run_folder / "result.svg").read_bytes()
    )
    assert json.loads(Path("outputs/summary.json").read_text())["counts"]["done"] == 2
    assert sorted(path.name for path in Path("made").iterdir()) == ["photo-1.png", "photo-3.png"]
    assert not [*Path("outputs").glob(".batch-shared*")]


def test_what_is_made_where_nothing_is_shared_is_brought_back(
    cluster: DaskCluster, here: Path, run_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_module, "_is_shared", lambda link, outputs: False)
    ended, heard = work(cluster, "one.yaml", files=("made.png",))
    (job,) = ended.jobs
    folder = Path(str(job.folder))
    assert (job.outcome, job.error) == ("done", json.loads((run_folder / "result.json").read_text())["error"])
    for name in ("result.svg", "result.png"):
        assert (folder / name).read_bytes() == (run_folder / name).read_bytes()
    assert str(here) not in (folder / "spec.yaml").read_text()
    assert read_status(folder).state == "finished"
    assert Path("made.png").stat().st_size > 1000
    assert any("is not seen by all workers" in event.message for event in heard if isinstance(event, Notice))
    again, _ = work(cluster, "one.yaml", files=("made.png",))
    assert [job.outcome for job in again.jobs] == ["skipped"]
    more, _ = work(cluster, "one.yaml", files=("more.png", "wall.dzi"))
    assert [job.outcome for job in more.jobs] == ["resumed"], more.jobs[0].why
    assert Path("more.png").read_bytes() == Path("made.png").read_bytes()
    parts = {"wall.dzi", "wall_files", "index.html"}
    assert {path.name for path in Path("wall.dzi").iterdir()} == parts


def test_a_folder_that_comes_back_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    wall = tmp_path / "wall.dzi"
    write_deep_zoom_folder(wall, "before")
    step = Step("render", tmp_path / "run")
    attempt = Attempt(1, RunSpec.model_construct(), step, None, (str(wall),), ())
    write_deep_zoom_folder(tmp_path / "made", "after")
    bring_back(attempt, packed({f"{FILES}/0/wall.dzi": tmp_path / "made"}))
    assert (wall / "wall_files/0").read_text() == "after"
    assert {path.name for path in tmp_path.iterdir()} == {"made", "wall.dzi"}
    (wall / "mine.txt").write_text("a letter")
    with pytest.raises(RunError, match="no Deep Zoom folder of Tessera's own"):
        bring_back(attempt, packed({f"{FILES}/0/wall.dzi": tmp_path / "made"}))
    assert (wall / "mine.txt").exists()


def write_deep_zoom_folder(path: Path, content: str) -> None:
    (path / "wall_files").mkdir(parents=True)
    (path / "wall_files/0").write_text(content)
    (path / "wall.dzi").write_text("")
    (path / "index.html").write_text(f"{SIGN}>")


def test_a_batch_that_is_stopped_stops_its_pictures_and_goes_on(
    cluster: DaskCluster, photo: Path, tmp_path: Path
) -> None:
    words = [photo, "--effort", 1000, "--count", 60, "--size", 90, "--no-film", "--retries", 0]
    asked = ("batch", *words, "--outputs", tmp_path / "outputs", "--pool", cluster.address)
    command = Command(*asked)
    assert command.listen(is_named("taskstarted"), 60) is not None
    folder = tmp_path / "outputs" / photo.stem
    while not (folder / "checkpoint-a").exists():
        command.listen(lambda event: False, 0.1)
    assert command.end(signal.SIGINT)[0] == 130
    status = read_status(folder)
    assert (status.state, status.outcome) == ("interrupted", "interrupted")


def test_a_parcel_brings_files_and_folders_and_nothing_else(tmp_path: Path) -> None:
    source, there = tmp_path / "run", tmp_path / "there"
    (source / "snapshots").mkdir(parents=True)
    (source / "snapshots/1").write_text("a")
    (source / ".lock").write_text("mine")
    (source / "link").symlink_to("/etc/passwd")
    unpacked(packed({"run": source, "gone": tmp_path / "gone"}), there)
    assert sorted(str(path.relative_to(there)) for path in there.rglob("*")) == [
        "run",
        "run/snapshots",
        "run/snapshots/1",
    ]


def test_a_parcel_with_links_is_refused(tmp_path: Path) -> None:
    import io
    import tarfile

    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        member = tarfile.TarInfo("run/link")
        member.type, member.linkname = tarfile.SYMTYPE, "/etc"
        archive.addfile(member)
    with pytest.raises(ValueError, match="neither a file nor a folder"):
        unpacked(buffer.getvalue(), tmp_path)
