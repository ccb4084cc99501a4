"""What the image is built from is there, and it is run by nobody in particular."""

from __future__ import annotations

import configparser
import shlex
from fnmatch import fnmatch

from engine.cli.doctor import warm
from tests import ROOT

LINES = [line for line in (ROOT / "Dockerfile").read_text().replace("\\\n", " ").splitlines() if line.strip()]
STEPS = [line.split(None, 1) for line in LINES if not line.startswith("#")]


def words(step: str) -> list[list[str]]:
    return [shlex.split(rest) for name, rest in STEPS if name == step]


def test_all_that_is_copied_is_there_and_is_not_ignored() -> None:
    kept = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    copied = {name for names in words("COPY") if not names[0].startswith("--") for name in names[:-1]}
    assert all((ROOT / name).exists() for name in copied)
    assert copied == set(kept)


def test_what_building_a_wheel_needs_is_copied() -> None:
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg")
    copied = {name for names in words("COPY") for name in names}
    assert settings["metadata"]["long_description"].removeprefix("file: ") in copied
    assert {"pyproject.toml", "setup.cfg", "constraints.txt", "engine"} <= copied
    (python,) = {names[0].removeprefix("python:").removesuffix("-slim") for names in words("FROM")}
    assert fnmatch(python, "3.1[123]")


def test_kernels_are_warmed_before_the_user_is_nobody_in_particular() -> None:
    order = [name for name, rest in STEPS if name == "USER" or "doctor --warm" in rest]
    assert order == ["RUN", "USER"]
    assert any("install -d -o tessera -g tessera /work" in rest for _, rest in STEPS)
    assert warm.__doc__
    assert words("USER") == [["tessera"]]
    assert words("ENTRYPOINT") == [["[tessera]"]]


def test_children_of_an_image_keep_to_its_processor() -> None:
    """An empty list of features: those of the processor that is named, and not those of the builder's."""
    (environment,) = words("ENV")
    assert {"NUMBA_CPU_NAME=$CPU", "NUMBA_CPU_FEATURES=", "NUMBA_CACHE_DIR=/opt/tessera/kernels"} <= set(
        environment
    )
