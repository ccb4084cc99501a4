"""What commands load before they do anything: seconds, for whoever waits."""

import json
import subprocess
import sys

import pytest

from tests import ROOT

HEAVY = ("numba", "llvmlite", "scipy", "skimage", "torch", "matplotlib")
PAINTERS = ("polygons", "gng", "curves", "brush")
LOOK = """
import json, sys
from engine.cli.app import main
sys.argv = ["tessera", *json.loads(sys.argv[1])]
try:
    main()
except SystemExit:
    pass
print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["render", "--help"],
        ["spec", "astronaut", "--painter", "gng"],
        ["status", "RUN"],
        ["prune", "RUN"],
        ["presets"],
        ["painters"],
        ["formats"],
        ["samples"],
        ["man"],
        ["completion", "bash"],
        ["serve", "--host", "0.0.0.0"],
        ["render", "astronaut", "--count", "many"],
        ["render", "no such picture.png"],
    ],
    ids=" ".join,
)
def test_what_does_not_paint_loads_no_compiler_and_no_painter(words, run_folder):
    words = [str(run_folder) if word == "RUN" else word for word in words]
    done = subprocess.run(
        [sys.executable, "-c", LOOK, json.dumps(words)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(json.loads(done.stderr.splitlines()[-1]))
    assert not loaded.intersection(HEAVY)
    assert not loaded.intersection(f"engine.painters.{name}.painter" for name in PAINTERS)
