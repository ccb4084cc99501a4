"""The manual pages are made of the same help, and are roff that its programs take."""

import shutil
import subprocess

import pytest

from engine.cli.help_page import Entry, Page
from engine.cli.man_page import as_man, file_name

ODD = Page(
    "tessera odd", "[X]", "It's odd.", (("Odd", (Entry("--a \\n", ".B isn't `it`"),)),), (("t a-b", "x"),)
)


@pytest.fixture(scope="module")
def folder(tessera, tmp_path_factory):
    found = tmp_path_factory.mktemp("man") / "man1"
    done = tessera("man", "--to", found)
    assert (done.returncode, done.stderr) == (0, "")
    return found


def test_there_is_a_page_for_each_command(folder):
    names = {path.name for path in folder.iterdir()}
    assert {"tessera.1", "tessera-render.1", "tessera-batch.1", "tessera-man.1"} <= names
    assert "tessera-help.1" not in names


def test_what_is_read_is_what_help_says(folder, tessera):
    page = (folder / "tessera-film.1").read_text()
    assert page == tessera("man", "film").stdout
    assert "\\-\\-pacing WORD\n" in page
    assert "default: perceived]" in page
    assert ".SH EXAMPLES" in page
    assert "\\fBtessera\\-render\\fR(1)" in page


def test_nothing_is_taken_for_roff():
    text = as_man(ODD, ["tessera-odd", "tessera"], "Exit codes.")
    assert "\n.B \\-\\-a \\en\n\\&.B isn\\(aqt \\(gait\\(ga\n" in text
    assert file_name(ODD) == "tessera-odd.1"


@pytest.mark.parametrize(
    ("program", "arguments"),
    [("mandoc", ["-T", "lint", "-W", "warning"]), ("groff", ["-man", "-ww", "-z"])],
)
def test_nothing_is_wrong_with_the_roff(folder, program, arguments):
    if shutil.which(program) is None:
        pytest.skip(f"{program} isn't installed")
    done = subprocess.run([program, *arguments, *sorted(folder.iterdir())], capture_output=True, text=True)
    said = [line for line in (done.stdout + done.stderr).splitlines() if "missing date" not in line]
    assert said == []


def test_a_folder_that_can_not_be_made(tessera, tmp_path):
    (tmp_path / "file").touch()
    done = tessera("man", "--to", tmp_path / "file" / "man1")
    assert done.returncode == 2
    assert done.stderr.endswith("the pages can't be written there (Not a directory); name another folder.\n")
