"""The pictures of README and docs: three stages of a film, short GIFs, every shape, and some looks."""

from __future__ import annotations

import shlex
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from engine.painters.polygons.params import KINDS, MIXED

ROOT = Path(__file__).parent.parent
GALLERY = ROOT / "outputs" / "gallery"
TESSERA = (sys.executable, "-m", "engine")
STAGES = (12, 60, 120)  # of a film of 120 frames
GIF = ("--size", "256", "--fps", "12", "--duration", "7s", "--hold", "2s", "--format", "gif")
FRAMES = ("--size", "320", "--fps", "60", "--duration", "2s", "--hold", "0s", "--format", "png")
MOVING = ("--size", "240", "--fps", "12", "--duration", "5s", "--hold", "1s", "--format", "gif")
UPRIGHT = ("--size", "426", "--fps", "1", "--duration", "1s", "--aspect", "9:16", "--format", "png")
WORDS = ("--caption", "--grid", "--compare", "beside")
SMALL = ("--result-size", "240", "--no-film")
FINE = ("--result-size", "480", "--no-film")  # for thin lines
LARGE = ("--result-size", "1024", "--no-film")
LOGO, MASK = 192, 128  # pixels on a side
COMMANDS = {  # as docs/shapes.md says them after "tessera render"
    **{f"shape-{shape}": f"chelsea --count 150 --shape {shape}" for shape in (*KINDS, MIXED)},
    "look-glass": "chelsea --count 150 --opacity 0.5",
    "look-palette": "chelsea --count 150 --palette 6",
    "look-inks": 'astronaut --count 300 --opacity 1 --palette "#f4efe6,#e4572e,#29335c" '
    '--background "#f4efe6"',
    "look-linocut": 'camera --count 500 --shape bezier --palette "#000000" --background white --opacity 1',
    "look-wash": 'astronaut --count 500 --shape line --palette "#000000" --background white',
    "look-transparent": "outputs/gallery/logo.png --count 300 --background transparent",
    "look-even": "astronaut --count 300",
    "look-importance": "astronaut --count 300 --importance outputs/gallery/mask.png",
}

NETS = {  # and docs/nets.md
    "net-net": "camera --painter gng --count 12000",
    "net-colour": "astronaut --painter gng --look colour --count 6000",
    "net-width": "astronaut --painter gng --look width --count 6000",
    "net-low-poly": "astronaut --painter gng --look low-poly --points edges --count 1500",
    "net-stipple": "astronaut --painter gng --look stipple --count 8000",
    "net-sized": "astronaut --painter gng --look stipple --set painter.dots=sized --count 5000",
    "net-layers": "coffee --painter gng --look layers --count 5000",
    "net-strokes": "camera --painter gng --look strokes --points edges",
    "net-horse": "horse --painter gng --points binary --set painter.border=200 --count 1000",
    "net-article": "configs/gng-article.yaml",
}

CURVES = {  # and docs/curves.md
    "curves-curls": "blank:256x256 --preset curls",
    "curves-rings": "blank:256x256 --preset rings",
    "curves-basket": "blank:256x256 --preset basket",
    "curves-domes": "blank:256x256 --preset domes",
    "curves-scales": "blank:256x256 --preset scales",
    "curves-spirals": "blank:256x256 --preset spirals",
    "curves-shells": "blank:256x256 --preset shells",
    "curves-weave": "blank:256x256 --preset weave",
    "curves-waves": "blank:256x256 --preset waves",
    "curves-arches": "blank:256x256 --preset arches",
    "curves-leaves": "blank:256x256 --preset leaves",
    "curves-fans": "blank:256x256 --preset fans",
    "curves-face": "outputs/gallery/face.png --preset sketch",
    "curves-cat": "chelsea --preset line-drawing",
    "curves-tower": "rocket --preset line-drawing",
    "curves-cup": "coffee --preset sketch",
    "curves-camera": "camera --preset line-drawing",
    "curves-crayons": "astronaut --preset crayons",
}
BRUSHES = {  # and docs/brush.md
    "brush-oil": "astronaut --preset oil-painting",
    "brush-bristle": "chelsea --preset dry-brush",
    "brush-knife": "coffee --preset palette-knife",
    "brush-charcoal": "astronaut --preset charcoal",
    "brush-watercolour": "rocket --preset aquarelle",
    "brush-marker": "chelsea --preset markers",
}
SHEET = {"curves-sheet": "blank:1024x768 --preset scales"}
FACE = slice(0, 300), slice(100, 400)  # of the astronaut


def main() -> None:
    """Make all of them anew."""
    GALLERY.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        show_film(Path(scratch, "film"))
        show_animations(Path(scratch))
        cut_out_logo()
        mask_the_face()
        show(COMMANDS, SMALL, Path(scratch))
        show(NETS, FINE, Path(scratch))
        cut_out_face()
        show(CURVES, FINE, Path(scratch))
        show(BRUSHES, FINE, Path(scratch))
        show(SHEET, LARGE, Path(scratch))
        show_growing(Path(scratch, "curls"))
    subprocess.run([*TESSERA, "words", "page", "--out", GALLERY / "words.png"], check=True)
    lay_on_squares(GALLERY / "look-transparent.png")


def show(commands: Mapping[str, str], flags: Sequence[str], scratch: Path) -> None:
    """Render the pictures of some commands, by name."""
    for name, arguments in commands.items():
        run = scratch / name
        command = [*TESSERA, "render", *shlex.split(arguments), *flags, "--out", run]
        subprocess.run(list(map(str, command)), check=True, cwd=ROOT)
        (run / "result.png").replace(GALLERY / f"{name}.png")


def show_film(run: Path) -> None:
    """Render the demo: three stages of its film, and the film."""
    config = ROOT / "configs" / "astronaut.yaml"
    subprocess.run([*TESSERA, "render", config, "--no-film", "--out", run], check=True)
    subprocess.run([*TESSERA, "film", run, *GIF], check=True)
    (run / "evolution.gif").replace(GALLERY / "astronaut.gif")
    subprocess.run([*TESSERA, "film", run, *FRAMES], check=True)
    for number, stage in enumerate(STAGES, 1):
        (run / "evolution.png" / f"{stage:06}.png").replace(GALLERY / f"astronaut-{number}.png")


def show_animations(scratch: Path) -> None:
    """Render two pictures, and let the first one's shapes move."""
    coffee, cat = scratch / "coffee", scratch / "cat"
    subprocess.run([*TESSERA, "render", "coffee", "--count", "600", "--no-film", "--out", coffee], check=True)
    subprocess.run([*TESSERA, "render", "chelsea", "--count", "300", "--no-film", "--out", cat], check=True)
    for effect, flags in {"assemble": (), "explode": (), "morph": ("--to", str(cat))}.items():
        subprocess.run([*TESSERA, "animate", coffee, "--effect", effect, *flags, *MOVING], check=True)
        (coffee / f"{effect}.gif").replace(GALLERY / f"film-{effect}.gif")
    subprocess.run([*TESSERA, "film", coffee, *MOVING[2:], "--size", "480", *WORDS], check=True)
    (coffee / "evolution.gif").replace(GALLERY / "film-words.gif")
    for fit in ("pad", "crop", "blur"):
        subprocess.run([*TESSERA, "film", coffee, *UPRIGHT, "--fit", fit], check=True)
        (coffee / "evolution.png" / "000001.png").replace(GALLERY / f"film-{fit}.png")


def show_growing(run: Path) -> None:
    """Render a tile, and film how it came to be."""
    subprocess.run(
        [*TESSERA, "render", "blank:256x256", "--preset", "curls", "--no-film", "--out", run], check=True
    )
    subprocess.run([*TESSERA, "film", run, *GIF], check=True)
    (run / "evolution.gif").replace(GALLERY / "curves.gif")


def cut_out_face() -> None:
    """The astronaut's face, as a picture of its own."""
    import skimage.data

    Image.fromarray(skimage.data.astronaut()[FACE]).save(GALLERY / "face.png", optimize=True)


def cut_out_logo() -> None:
    """A target with transparency: scikit-image's logo without its white."""
    import skimage.data  # here, as it takes longer than all other imports together

    logo = Image.fromarray(skimage.data.logo()).convert("RGB").resize((LOGO, LOGO), Image.Resampling.LANCZOS)
    pixels = np.asarray(logo)
    alpha = np.clip(4 * (255 - pixels.min(axis=2).astype(int)), 0, 255).astype(np.uint8)
    Image.fromarray(np.dstack([pixels, alpha])).save(GALLERY / "logo.png", optimize=True)


def mask_the_face() -> None:
    """A mask for the astronaut: a soft white spot on dark grey."""
    rows, columns = np.indices((MASK, MASK)) / MASK
    distance = np.hypot((columns - 0.44) / 0.13, (rows - 0.21) / 0.19)
    grey = np.clip(255 - 215 * np.clip(distance - 0.8, 0, 1), 0, 255).astype(np.uint8)
    Image.fromarray(grey).save(GALLERY / "mask.png", optimize=True)


def lay_on_squares(path: Path) -> None:
    """Put grey and white squares behind a picture, so that its transparency is seen on any page."""
    with Image.open(path) as picture:
        rows, columns = np.indices((picture.height, picture.width)) // 8
        squares = np.where((rows + columns) % 2, 255, 208).astype(np.uint8)
        ground = Image.fromarray(squares).convert("RGBA")
        ground.alpha_composite(picture)
    ground.convert("RGB").save(path, optimize=True)


if __name__ == "__main__":
    main()
