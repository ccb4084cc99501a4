"""The crontab line and the systemd units, tried as far as one can without a cron and a systemd that run."""

import configparser
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from engine.cli.app import app
from tests import ROOT

SCRIPTS = ROOT / "scripts"
SERVICE, TIMER, PAGE = "tessera-batch.service", "tessera-batch.timer", "tessera-serve.service"
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
    for name in (SERVICE, TIMER, PAGE):
        text = (SCRIPTS / name).read_text().replace("%h", str(home))
        (home / name).write_text(text.replace("/opt/tessera/", f"{home}/tessera/"))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(str(home / name) for name in (SERVICE, TIMER, PAGE))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert str(home) not in done.stderr, "other units' faults are not ours"


def test_the_page_is_served_from_what_its_service_may_write():
    service = settings(PAGE, "/home/nobody")["Service"]
    program, command, *flags = shlex.split(service["ExecStart"])
    assert (program, command) == ("/opt/tessera/.venv/bin/tessera", "serve")
    asked = get_command(app).commands["serve"].make_context("serve", flags).params  # type: ignore[attr-defined]
    writable = service["ReadWritePaths"].split()
    assert any(Path(asked["outputs"]).is_relative_to(path) for path in writable)
    assert service["WorkingDirectory"] in writable
    assert service["Environment"].partition("=")[2] in writable
    assert asked["token"].startswith("@/var/lib/tessera/")
    hardened = ("NoNewPrivileges", "PrivateTmp", "ProtectHome", "RestrictNamespaces")
    assert [service[name] for name in hardened] == ["true"] * 4
    assert service["ProtectSystem"] == "strict"
    assert "MemoryDenyWriteExecute" not in service, "kernels are compiled into memory"
