"""The README's pictures: a portrait at three stages of its film, and the film as a short GIF."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from engine.film.frames import draw_frames, visual_changes
from engine.image import encode_png
from engine.painters.polygons.scene import PolygonScene
from engine.recorder import read_scene, read_snapshots
from engine.run_folder import RunFolder

ROOT = Path(__file__).parent.parent
GALLERY = ROOT / "outputs" / "gallery"
STAGES = (1, 6, 11)  # of a film of twelve frames
GIF = ("--size", "256", "--fps", "12", "--duration", "7s", "--hold", "2s", "--format", "gif")


def main() -> None:
    """Render the demo and keep what the README shows."""
    GALLERY.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor() as executor:
        run = Path(scratch, "run")
        tessera = [sys.executable, "-m", "engine"]
        config = ROOT / "configs" / "astronaut.yaml"
        subprocess.run([*tessera, "render", config, "--no-film", "--out", run], check=True)
        subprocess.run([*tessera, "film", run, *GIF], check=True)
        (run / "evolution.gif").replace(GALLERY / "astronaut.gif")
        folder = RunFolder.open(run)
        snapshots = read_snapshots(folder)

        def load(index: int) -> PolygonScene:
            return read_scene(folder, snapshots[index], PolygonScene)

        changes = visual_changes(load, len(snapshots), executor)
        frames = list(draw_frames(load, changes, 320, 12, 1.0, 0.0, executor))
        for number, stage in enumerate(STAGES, 1):
            (GALLERY / f"astronaut-{number}.png").write_bytes(encode_png(frames[stage].pixels))


if __name__ == "__main__":
    main()
