"""The crontab line and the systemd units, tried as far as one can without a cron and a systemd that run."""

import configparser
import os
import shlex
import shutil
import subprocess
import sys

import pytest

from tests import ROOT

SCRIPTS = ROOT / "scripts"
SERVICE, TIMER = "tessera-batch.service", "tessera-batch.timer"
COMPLAINT = "tessera: no.png: no such file; check the path.\n"


@pytest.fixture
def home(tmp_path):
    """A home as the files expect it, with a batch of one picture that is missing."""
    command = tmp_path / "tessera/.venv/bin/tessera"
    command.parent.mkdir(parents=True)
    command.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m engine "$@"\n')
    command.chmod(0o755)
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures/jobs.yaml").write_text("jobs: [no.png]\n")
    return tmp_path


def check(done, home):
    assert (done.returncode, done.stdout, done.stderr) == (4, "", COMPLAINT)
    assert (home / "pictures/outputs/summary.json").is_file()


def settings(name, home):
    parser = configparser.ConfigParser(interpolation=None, strict=True)
    parser.optionxform = str  # type: ignore[assignment]
    parser.read_string((SCRIPTS / name).read_text().replace("%h", str(home)))
    return parser


def test_the_crontab_line_as_cron_runs_it(home):
    (line,) = [line for line in (SCRIPTS / "crontab.example").read_text().splitlines() if line[0] not in "#M"]
    *times, command = line.split(maxsplit=5)
    assert times == ["0", "22", "*", "*", "*"]
    assert "%" not in command
    environment = {"HOME": str(home), "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh", "LOGNAME": "me"}
    check(
        subprocess.run(
            ["/bin/sh", "-c", command], env=environment, cwd="/", capture_output=True, text=True, check=False
        ),
        home,
    )


def test_the_service_as_systemd_runs_it(home):
    service = settings(SERVICE, home)["Service"]
    done = subprocess.run(
        shlex.split(service["ExecStart"]),
        env={"HOME": str(home), "PATH": os.defpath},
        cwd=service["WorkingDirectory"],
        capture_output=True,
        text=True,
        check=False,
    )
    check(done, home)
    assert service["SuccessExitStatus"].split() == ["3", "143"]


def test_the_units_are_well_formed(home):
    assert settings(TIMER, home)["Timer"]["OnCalendar"] == "*-*-* 22:00"
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd-analyze here to check the units with")
    for name in (SERVICE, TIMER):
        (home / name).write_text((SCRIPTS / name).read_text().replace("%h", str(home)))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(home / SERVICE), str(home / TIMER)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert str(home) not in done.stderr, "other units' faults are not ours"
