"""What is printed may come to nobody: commands of data say so, and runs go on."""

import errno
import functools
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from engine.cli import app as cli
from engine.cli.console import Reporter
from engine.cli.ending import Ending, ending
from engine.cli.goes_on import resume_command, told
from engine.errors import NO_MEMORY, RunError, SpaceError, SpecError, resource_error
from engine.events import Event, Started, Trouble
from tests import ROOT

FULL = "standard output: there is no space left where it goes; free some and start again."
CLOSED = "standard output: is closed; send it somewhere else and start again."
ENGINE = f"{sys.executable} -m engine"


def shell(line, cwd=None):
    """The exit code of a command line's first command, and what it says of errors."""
    done = subprocess.run(
        ["bash", "-c", f"{line}; exit ${{PIPESTATUS[0]}}"],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stderr.removeprefix("tessera: ").strip()


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("--version >/dev/full", 6, FULL),
        ("spec astronaut >/dev/full", 6, FULL),
        ("spec astronaut >&-", 2, CLOSED),
        ("spec astronaut | true", 141, ""),
        ("nosuch 2>/dev/full", 2, ""),
        ("nosuch 2>&-", 2, ""),
        ("--version <&- >&- 2>&-", 2, ""),
    ],
)
def test_what_is_printed_to_nobody(line, code, said):
    assert shell(f"{ENGINE} {line}") == (code, said)


def test_a_run_goes_on_without_any_standard_stream_and_with_closed_pipes(photo, tmp_path):
    quick = f"render {photo} --count 20 --effort 0.05 --size 60 --workers 2 --no-film"
    lines = [f"{ENGINE} {quick} --out shut <&- >&- 2>&-", f"{ENGINE} {quick} --json --out piped | true"]
    assert [shell(line, tmp_path) for line in lines] == [(0, ""), (0, "")]
    pictures = {(tmp_path / name / "result.svg").read_bytes() for name in ("shut", "piped")}
    assert len(pictures) == 1


def test_from_a_folder_that_is_gone_one_is_sent_elsewhere(tmp_path):
    line = f"mkdir gone; cd gone; rmdir ../gone; {ENGINE} spec astronaut"
    assert shell(line, tmp_path) == (
        2,
        "the current folder has been removed; go to another one (cd) and start again.",
    )


@pytest.mark.parametrize(
    ("error", "sentence", "code"),
    [
        (MemoryError(), f"{NO_MEMORY}.", 4),
        (OSError("libx.so: failed to map segment from shared object"), f"{NO_MEMORY}.", 4),
        (ImportError("libx.so: failed to map segment from shared object"), f"{NO_MEMORY}.", 4),
        (OSError("broken data stream"), "this system: broken data stream; mend that and start again.", 2),
        (OSError(errno.EACCES, "no", "a.txt"), "a.txt: no; mend that and start again.", 2),
        (SpecError("wrong."), "wrong.", 2),
        (SystemExit(143), "stopped by SIGTERM.", 143),
    ],
)
def test_each_error_is_a_sentence(error, sentence, code):
    def fail():
        raise error

    assert ending(fail) == Ending(sentence, code)


def test_an_interruption_says_what_goes_on(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = tmp_path / "my run"
    run.mkdir()
    heard: list[Event] = []

    def paint(error):
        with told(heard.append) as emit:
            emit(Started(str(run), 9, 9, 1))
            raise error

    command = "It goes on with: tessera resume 'my run'"
    ends: list[tuple[BaseException, int, str]] = [
        (KeyboardInterrupt(), 130, "interrupted."),
        (SystemExit(130), 130, "interrupted."),
        (SystemExit(143), 143, "stopped by SIGTERM."),
        (SpaceError("no space."), 6, "no space."),
        (MemoryError(), 4, f"{NO_MEMORY}."),
    ]
    for error, code, sentence in ends:
        assert ending(functools.partial(paint, error)) == Ending(sentence, code, command)
    run.rmdir()
    files = ("a.png", "{n} b.svg")
    assert resume_command(run, files) == "tessera resume 'my run' -o a.png -o '{n} b.svg' --force"
    assert resume_command(Path("n\udcff'\n"), ()) == r"tessera resume $'n\xff\x27\x0a'"
    again = Ending("interrupted.", 130, "The same command begins again.")
    assert ending(lambda: paint(KeyboardInterrupt())) == again, "there is nothing to go on with"
    assert len(heard) == 6


def test_only_who_presses_ctrl_c_has_interrupted():
    """The end of a file, which typer takes for the end of what is typed, is something else."""

    def ends():
        raise EOFError("Ran out of input")

    with pytest.raises(EOFError, match="Ran out"):
        ending(ends)
    app = typer.Typer()
    app.command()(ends)
    with pytest.raises(EOFError, match="Ran out"):
        ending(lambda: app([], standalone_mode=False))
    app = typer.Typer()

    @app.command()
    def interrupted():
        raise KeyboardInterrupt

    assert ending(lambda: app([], standalone_mode=False)).code == 130


def test_a_shortage_is_found_behind_what_it_led_to():
    error = RunError("it can't be.")
    error.__cause__ = MemoryError()
    assert str(resource_error(error, "a")) == f"a: {NO_MEMORY}."
    assert resource_error(RunError("it can't be.")) is None


def test_who_reports_falls_silent_after_one_failure(tmp_path):
    tried = []

    def show(event):
        tried.append(event)
        raise BrokenPipeError(errno.EPIPE, "broken")

    with Reporter(show) as report:
        for _ in range(3):
            report(Trouble("x"))
    assert len(tried) == 1
    with pytest.raises(BrokenPipeError), Reporter(show, is_data=True) as report:
        report(Trouble("x"))


def test_rich_does_not_end_the_process():
    line = "from engine.cli.console import console\ntry:\n    [console().print('x') for _ in range(9999)]\n"
    code = f"{line}except BrokenPipeError:\n    import os\n    os._exit(7)"
    assert shell(f'{sys.executable} -c "{code}" | true')[0] == 7


def test_the_command_is_what_ends(monkeypatch):
    monkeypatch.setattr(cli, "app", lambda **_: 3)
    with pytest.raises(SystemExit) as caught:
        cli.main()
    assert caught.value.code == 3
