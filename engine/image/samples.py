"""The pictures that come with the installed scikit-image, by name."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

# The pictures among scikit-image's data that its wheels carry, under the names of skimage.data's functions.
_SAMPLES = {
    "astronaut": "astronaut.png",
    "brick": "brick.png",
    "camera": "camera.png",
    "cat": "chelsea.png",
    "cell": "cell.png",
    "checkerboard": "chessboard_GRAY.png",
    "chelsea": "chelsea.png",
    "clock": "clock_motion.png",
    "coffee": "coffee.png",
    "coins": "coins.png",
    "colorwheel": "color.png",
    "grass": "grass.png",
    "gravel": "gravel.png",
    "horse": "horse.png",
    "hubble_deep_field": "hubble_deep_field.jpg",
    "immunohistochemistry": "ihc.png",
    "logo": "logo.png",
    "microaneurysms": "microaneurysms.png",
    "moon": "moon.png",
    "page": "page.png",
    "retina": "retina.jpg",
    "rocket": "rocket.jpg",
    "shepp_logan_phantom": "phantom.png",
    "text": "text.png",
}


def samples() -> tuple[str, ...]:
    """Return the names of the pictures that come with the installed scikit-image, without a download."""
    return tuple(sample_files())


def sample_files() -> dict[str, Path]:
    """Map the name of each sample to its file, leaving out what this release of scikit-image lacks."""
    # Found rather than imported: importing skimage.data costs more than opening the picture.
    package = find_spec("skimage")
    folders = (package and package.submodule_search_locations) or []
    return {
        name: path
        for folder in folders
        for name, file in _SAMPLES.items()
        if (path := Path(folder, "data", file)).is_file()
    }
