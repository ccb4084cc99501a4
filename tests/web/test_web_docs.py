"""The lines of docs/web.md for programs, run one after the other against a server of their own."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import fields

import pytest
import yaml
from PIL import Image
from typer.main import get_command

pytest.importorskip("uvicorn", reason="needs the extra web")

from engine.cli.app import app
from engine.web.kinds import KINDS
from engine.web.options import Limits
from tests import ROOT
from tests.doubles.live_server import live_server

PAGE = (ROOT / "docs/web.md").read_text()
HOSTS, PROGRAMS = PAGE.split("\n## For programs\n")
SMALL = '"count": 12, "effort": 0.02, "size": 64, "film.duration": "1s", "film.size": 64, "film.hold": "0.2s"'
CHANGES = {  # so that nobody has to wait
    "SITE=http://127.0.0.1:8000 ": "SITE={address} ",
    '"count": 300': SMALL,
    '{"preset": "linocut"}': '{"preset": "linocut", "size": 64}',
    '{"effort": 4}': '{"effort": 0.04}',
}
WAIT = re.compile(
    r"(curl \S+) (.*) (\S+)/events \| sed '/(.*)/q'\n"
)  # curl would hear only later that it may end
AT_ONCE = r"""\1 \2 \3/events --max-time 0.3 > events || true
until \1 \2 \3 | grep -q '\4'; do sleep 0.1; done
"""


def script(address):
    """All lines for a shell, with what is small instead of what is large."""
    lines = "".join(re.findall(r"^```sh\n(.*?)^```$", PROGRAMS, re.MULTILINE | re.DOTALL))
    for usual, quick in CHANGES.items():
        assert lines.count(usual) == 1, usual
        lines = lines.replace(usual, quick.replace("{address}", address))
    lines, count = WAIT.subn(AT_ONCE, lines)
    assert count == 2
    return f"set -ex\n{lines}"


def size_of(path):
    with Image.open(path) as picture:
        return picture.size


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """The folder that the lines were run in, and what they printed."""
    if shutil.which("curl") is None:
        pytest.skip("there is no curl here to run the lines with")
    folder = tmp_path_factory.mktemp("programs")
    Image.radial_gradient("L").resize((64, 48)).convert("RGB").save(folder / "photo.jpg")
    with live_server(tmp_path_factory.mktemp("web") / "web", "--share") as address:
        ended = subprocess.run(
            ["bash", "-c", script(address)], cwd=folder, capture_output=True, text=True, check=False
        )
    assert ended.returncode == 0, ended.stderr
    return folder, ended.stdout


def test_every_file_is_fetched(done):
    folder, _ = done
    there = {path.name for path in folder.iterdir()}
    assert set(KINDS) - {"picture.png", "spec.yaml"} <= there
    assert {"photo-picture.png", "photo-portrait.yaml", "large.png", "shown.png"} <= there
    assert max(size_of(folder / "large.png")) == 3000
    assert yaml.safe_load((folder / "photo-portrait.yaml").read_text())["target"] == "photo-picture.png"
    assert size_of(folder / "photo-picture.png") == (64, 48)


def test_events_are_told(done):
    folder, _ = done
    events = (folder / "events").read_text()
    assert events.startswith("retry: 1000\n\nid: 1\nevent: job\ndata: {")


def test_a_painting_has_what_the_table_says(done):
    _, printed = done
    found, start = [], 0
    decoder = json.JSONDecoder()
    while (start := printed.find("{", start)) >= 0:
        value, start = decoder.raw_decode(printed, start)
        found.append(value)
    job = next(each for each in found if "state" in each and "id" in each)
    table = PROGRAMS.split("| of a painting | |\n")[1].split("\n\n")[0]
    names = {name for row in table.splitlines() for name in re.findall("`([a-z]+)`", row.split("|")[1])}
    assert names
    assert names <= job.keys()


def test_every_route_is_among_the_lines(done):
    _, printed = done
    assert '"jobs":' in printed
    asked = set(re.findall(r"\$SITE(/[^\s\"?|]*)", PROGRAMS))
    plain = {re.sub(r"\$[A-Z]+", "{id}", path) for path in asked}
    wanted = {f"/api/jobs/{{id}}/{name}" for name in KINDS}
    wanted |= {f"/api/jobs/{{id}}{verb}" for verb in ("", "/stop", "/resume", "/share", "/events")}
    wanted |= {"/api/jobs", "/api/looks", "/api/samples", "/api/form", "/api/server", "/api/shared/{id}"}
    assert wanted <= plain


def test_every_limit_is_in_the_table():
    table = HOSTS.split("| `--limit` | default | |\n")[1].split("\n\n")[0]
    rows: dict[str, str] = {}
    for line in table.splitlines()[1:]:
        names, values, _ = line.strip("| ").split(" | ")
        rows |= dict(zip(re.findall("`([a-z-]+)`", names), values.split(", "), strict=True))
    assert {name.replace("-", "_"): float(value) for name, value in rows.items()} == {
        each.name: float(getattr(Limits(), each.name)) for each in fields(Limits)
    }


def test_every_flag_is_in_the_table():
    table = HOSTS.split("| flag | default | |\n")[1].split("\n\n")[0]
    told = {name for row in table.splitlines() for name in re.findall("`(--[a-z]+)", row.split("|")[1])}
    serve = get_command(app).commands["serve"]  # type: ignore[attr-defined]
    assert told == {name for each in serve.params for name in each.opts} - {"--help"}
