"""A jobs file is a list of settings that share defaults; a mistake in one item is that item's own."""

import os
from pathlib import Path

import pytest

from engine.batch.jobs_file import read_jobs, tasks_of
from engine.errors import SpecError
from engine.spec.models import NotifySettings
from tests import ROOT


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("photos").mkdir()
    for name in ("b.jpg", "a.jpg", "c.png"):
        Path("photos", name).touch()
    Path("photos/folder.jpg").mkdir()
    Path("mine.yaml").write_text("{target: chelsea, count: 7, seed: 5}")
    return tmp_path


def read(text):
    Path("jobs.yaml").write_text(text)
    return read_jobs(Path("jobs.yaml"))


def settings(task):
    assert task.spec is not None, task.problem
    params = task.spec.painter.params.model_dump()
    return task.name, task.spec.target, params["count"], task.spec.seed


def test_every_photo_of_a_folder_with_these_settings(here):
    jobs = read(
        "defaults: {count: 2000, film: {enabled: false}}\n"
        "outputs: nightly\n"
        "notify: {on-failure: mail me}\n"
        "jobs:\n"
        "- target: photos/*.jpg\n"
        "  count: 500\n"
        "- spec: mine.yaml\n"
        "  seed: 3\n"
        "- {spec: mine.yaml, target: 'photos/?.[pj]*'}\n"
        "- mine.yaml\n"
        "- photos/c*\n"
        "- target: astronaut\n"
    )
    assert (jobs.outputs, jobs.notify) == ("nightly", NotifySettings(on_failure="mail me"))
    assert [settings(task) for task in jobs.tasks] == [
        ("photos/a.jpg", "photos/a.jpg", 500, 0),
        ("photos/b.jpg", "photos/b.jpg", 500, 0),
        ("mine.yaml", "chelsea", 7, 3),
        ("photos/a.jpg", "photos/a.jpg", 7, 5),
        ("photos/b.jpg", "photos/b.jpg", 7, 5),
        ("photos/c.png", "photos/c.png", 7, 5),
        ("mine.yaml", "chelsea", 7, 5),
        ("photos/c.png", "photos/c.png", 2000, 0),
        ("astronaut", "astronaut", 2000, 0),
    ]
    assert not any(task.spec.film.enabled for task in jobs.tasks if task.spec)


def test_one_picture_in_many_ways(here):
    jobs = read("defaults: {target: chelsea}\njobs:\n- seed: 1\n- {seed: 2, count: 9}\n")
    assert [settings(task) for task in jobs.tasks] == [
        ("chelsea", "chelsea", 1000, 1),
        ("chelsea", "chelsea", 9, 2),
    ]


def test_arguments_are_pictures_specs_and_patterns(here):
    names = [task.name for source in ("photos/*.jpg", "*.yaml", "astronaut") for task in tasks_of(source)]
    assert names == ["photos/a.jpg", "photos/b.jpg", "mine.yaml", "astronaut"]
    Path("a[1].png").touch()
    assert [task.name for task in tasks_of("a[1].png")] == ["a[1].png"], "a file of that very name"
    assert [task.name for task in tasks_of(f"{here}/photos/a*")] == [f"{here}/photos/a.jpg"]


@pytest.mark.parametrize(
    ("item", "name", "problem"),
    [
        ("{target: photos/*.gif}", "photos/*.gif", "target: no file in HERE matches 'photos/*.gif'."),
        ("{target: a, sise: 3}", "a", "sise isn't a setting; perhaps size is meant."),
        ("{target: a, size: 0}", "a", "size must be a whole number from 1 to 20000, not 0."),
        (
            "{target: a, size: 1, size: 2}",
            "HERE:2",
            "size is given twice, on lines 2 and 2; keep one of them.",
        ),
        ("{seed: 3}", "HERE:2", "target is missing: it must be a file, the name of a sample"),
        ("{spec: [a]}", "HERE:2", "spec must be the path of a spec, not [a]."),
        ("[a, b]", "HERE:2", 'must hold lines of "key: value", such as target: photo.jpg.'),
        ("", "HERE:2", 'must hold lines of "key: value", such as target: photo.jpg.'),
        ("{target: photos/*.jpg, out: x}", "photos/*.jpg", "out is one folder for 2 pictures; leave it out"),
    ],
)
def test_a_mistake_in_an_item_is_its_own(here, item, name, problem):
    bad, good = read(f"jobs:\n- {item}\n- chelsea\n").tasks
    assert (bad.name, bad.spec) == (name.replace("HERE", "jobs.yaml"), None)
    rest = bad.problem.removeprefix("jobs.yaml:2")
    assert rest.lstrip(": ").startswith(problem.replace("HERE", str(here))), bad.problem
    assert rest != bad.problem
    assert settings(good)[0] == "chelsea"


def test_a_spec_that_is_not_there(here):
    (task,) = read("jobs:\n- spec: no.yaml\n").tasks
    assert (task.name, task.problem) == ("no.yaml", "no.yaml doesn't exist; give the path of a YAML file.")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", 'jobs.yaml must hold "jobs:" and below it a list, such as - target: photo.jpg.'),
        ("- a\n", 'jobs.yaml must hold "jobs:" and below it a list, such as - target: photo.jpg.'),
        (
            "defaults: {}\n",
            "jobs.yaml: jobs must be a list of pictures and specs, such as - target: photo.jpg.",
        ),
        ("jobs: []\n", "jobs.yaml: jobs must be a list of pictures and specs, such as - target: photo.jpg."),
        ("jobs: a\n", "jobs.yaml: jobs must be a list of pictures and specs, such as - target: photo.jpg."),
        ("jobs: [a]\njobs: [b]\n", "jobs.yaml:2: jobs is given twice; keep one of them."),
        (
            "jobs: [a]\ncount: 3\n",
            "jobs.yaml:2: count isn't a part of a jobs file; there are defaults, outputs, notify, jobs.",
        ),
        (
            "jobs: [a]\ndefaults: 3\n",
            'jobs.yaml:2 must hold lines of "key: value", such as target: photo.jpg.',
        ),
        ("jobs: [a]\ndefaults: {cuont: 3}\n", "jobs.yaml:2: cuont isn't a setting; perhaps count is meant."),
        ("jobs: [a]\noutputs: []\n", "jobs.yaml:2: outputs must be a path, or null, not []."),
        (
            "jobs: [a]\nnotify: {on-fail: x}\n",
            "jobs.yaml:2: notify.on-fail isn't a setting; perhaps notify.on-failure is meant.",
        ),
        ("jobs:\n- *.jpg\n", "jobs.yaml:2: can't be read at column 3: anchors (&), aliases (*) and"),
    ],
)
def test_what_concerns_all_jobs_is_refused_at_once(here, text, sentence):
    with pytest.raises(SpecError) as caught:
        read(text)
    assert str(caught.value).startswith(sentence)
    assert str(caught.value).isprintable()


def test_the_example_of_the_documents(here):
    page = (ROOT / "docs/unattended.md").read_text()
    example = page.split("## Batches\n")[1].split("```yaml\n")[1].split("```")[0]
    Path("configs").mkdir()
    Path("configs/portrait.yaml").write_text("target: chelsea\n")
    jobs = read(example)
    assert [settings(task) for task in jobs.tasks] == [
        ("photos/a.jpg", "photos/a.jpg", 500, 0),
        ("photos/b.jpg", "photos/b.jpg", 500, 0),
        ("configs/portrait.yaml", "chelsea", 2000, 3),
        ("photo.jpg", "photo.jpg", 2000, 0),
    ]
    assert (jobs.outputs, jobs.notify.on_success) == ("outputs/nightly", None)


def test_jobs_may_come_through_a_pipe_but_their_specs_may_not(here):
    end, other = os.pipe()
    os.mkfifo("pipe.yaml")
    with os.fdopen(other, "w") as file:
        file.write("jobs: [coffee, {spec: pipe.yaml}, {spec: " + 300 * "a" + ".yaml}]")
    try:
        good, pipe, long = read_jobs(Path(f"/dev/fd/{end}")).tasks
    finally:
        os.close(end)
    assert good.spec is not None
    assert pipe.problem == "pipe.yaml is a device, pipe or socket; give a YAML file."
    assert long.problem.endswith("can't be read: File name too long.")
