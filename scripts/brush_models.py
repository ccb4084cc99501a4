"""Makes the brushes that come along anew: strokes, training, and the files of weights in their place."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from engine.painters.brush.model_file import BUNDLED, bundled_path, read_model

STROKES, SEED = 40_000, 0
EPOCHS = {"oil": 4}  # and 3 of the others
BRISTLES = ("oil", "bristle", "knife")
FOLDER = Path("outputs/brush-models")


def main() -> None:
    """Make those that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BUNDLED)}; all by default")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="for strokes, checkpoints and sheets")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(BUNDLED):
        parser.error(f"there is no brush {', '.join(sorted(unknown))}; there are {', '.join(BUNDLED)}")
    for name in asked.names or BUNDLED:
        make(name, asked.folder / name)


def make(name: str, folder: Path) -> None:
    """Draw, train, and replace the file of a brush."""
    strokes, learned = folder / "strokes", folder / "hybrid"
    tessera("dataset", "--brush", name, "--count", STROKES, "--seed", SEED, "--out", strokes)
    grain = "bristles" if name in BRISTLES else "spots"
    how = ("--epochs", EPOCHS.get(name, 3), "--seed", SEED, "--grain", grain, "--device", "cpu")
    tessera("train", "--data", strokes, "--out", learned, *how)
    shutil.copyfile(learned / "hybrid.npz", bundled_path(name))
    print(f"{name}: {dict(read_model(bundled_path(name)).figures)}")


def tessera(command: str, *words: object) -> None:
    """Run a command of `tessera brush`; SystemExit with its code when it fails."""
    done = subprocess.run([sys.executable, "-m", "engine", "brush", command, *map(str, words)], check=False)
    if done.returncode:
        raise SystemExit(done.returncode)


if __name__ == "__main__":
    main()
