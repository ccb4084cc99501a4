import pytest

from engine import __version__


def test_without_a_command_there_is_help(tessera):
    done = tessera()
    assert (done.returncode, done.stderr) == (0, "")
    assert all(
        command in done.stdout
        for command in ("render", "spec", "film", "animate", "export", "report", "status", "doctor", "batch")
    )


def test_the_version_is_the_packages_and_nothing_else_is_done(tessera):
    for more in ((), ("spec", "astronaut")):
        done = tessera("--version", *more)
        assert (done.returncode, done.stdout) == (0, f"tessera {__version__}\n")


@pytest.mark.parametrize("arguments", [["render"], ["film"], ["paint"], ["render", "astronaut", "--bogus"]])
def test_wrong_usage_gets_one_sentence(tessera, arguments):
    done = tessera(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("tessera: ")
    assert done.stderr.count("\n") == 1


def test_a_file_where_a_folder_is_wanted(tessera, photo):
    done = tessera("render", photo, "--out", photo / "run")
    assert done.returncode == 2
    assert "there is a file" in done.stderr
