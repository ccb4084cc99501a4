"""The growing neural gas: samples a second, beside a plain version's, and pictures from command to file."""

from __future__ import annotations

import itertools
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from skimage import data
from skimage.color import rgb2gray
from skimage.filters import gaussian, threshold_otsu

from engine.image.pixels import encode_png
from engine.image.target import open_target
from engine.painters.gng.density import layers
from engine.painters.gng.edges import edges_of
from engine.painters.gng.gas import Rules, grow
from engine.painters.gng.grow_once import growth, net_of, seedling
from engine.painters.gng.ink_map import weights_of
from engine.painters.gng.params import DISTANCE, WINS, GasParams
from engine.painters.gng.sampling import chance_of, field_of, ink_of, sample
from scripts.benches.collage import collage
from scripts.benches.report import SECONDS, TEXT, WHOLE
from scripts.benches.runs import ROOT, Bench, tessera
from tests.doubles.plain_gas import Learning, PlainGas

EACH = 60  # samples for each new node, as the painter has it
GROWN = 300_000  # samples at a fixed number of nodes
SIGNALS = 10_000  # drawn for the plain version, again and again
PLAIN_SECONDS = 2.0  # of processor, for each rate of the plain version

Density = NDArray[np.float32]  # (height, width)


class Crowd(NamedTuple):
    """How many nodes, on how large a picture, and what is wanted there."""

    nodes: int
    zoom: int  # the astronaut of 512 px, so many times as large
    rate: float  # million samples a second


class Rival(NamedTuple):
    """How many nodes, and by how much the plain version is to be beaten."""

    nodes: int
    ratio: int
    library: int  # samples a second of NeuPy, measured elsewhere


CROWDS = (Crowd(10_000, 1, 2.0), Crowd(100_000, 3, 1.0))
RIVALS = (Rival(1000, 400, 3400), Rival(5000, 2500, 750))

# Shevchuk's article: twenty times all dark pixels of a part of the astronaut. NeuPy takes 110 s.
ARTICLE = (slice(30, 180), slice(150, 300))  # rows, columns
EPOCHS = 20
INTERVAL = 100
ARTICLE_RULES = Rules(0.2, 0.005, 0.2, 0.005, 0.01, 50, 0.5, 0.995, DISTANCE)

PORTRAIT = ("--size", 512, "--count", 20_000, "--workers", 1)
LARGE = 4000  # pixels
POSTER = ("--size", LARGE, "--count", 100_000, "--workers", 2)


def gas(bench: Bench) -> None:
    """Kernels first, then whole pictures."""
    params = GasParams()
    (density,) = layers(weights_of(open_target("astronaut", 512), params), params)
    net_of(density, 50, np.random.SeedSequence(0))  # compiles
    _rates(bench, density)
    _ratios(bench, density)
    _pictures(bench)


def _rates(bench: Bench, density: Density) -> None:
    bench.report.table(
        "million samples a second, one core, in the darkness squared of the astronaut",
        {"growing from half": SECONDS, "grown": SECONDS, "wanted": TEXT},
    )
    for crowd in CROWDS[: 1 if bench.quick else None]:
        enlarged = np.repeat(np.repeat(density, crowd.zoom, axis=0), crowd.zoom, axis=1)
        rates = []
        for seed in bench.seeds:
            net = Growth(enlarged, crowd.nodes, seed)
            net.rate(EACH * crowd.nodes // 2, crowd.nodes // 2)
            rates.append([net.rate(EACH * crowd.nodes // 2, crowd.nodes), net.rate(GROWN, crowd.nodes)])
        growing, grown = (statistics.median(column) / 1e6 for column in zip(*rates, strict=True))
        bench.report.row(f"{crowd.nodes:,} nodes", growing, grown, f">= {crowd.rate:g}")


def _ratios(bench: Bench, density: Density) -> None:
    bench.report.table(
        "samples a second, one core, nets that have grown",
        {"ours": WHOLE, "plain Python": WHOLE, "ours/plain": WHOLE, "wanted": TEXT, "NeuPy elsewhere": WHOLE},
    )
    for rival in RIVALS[: 1 if bench.quick else None]:
        net = Growth(density, rival.nodes, 0)
        net.rate(EACH * rival.nodes, rival.nodes)
        plain = net.plain_rate(PLAIN_SECONDS)
        ours = net.rate(GROWN, rival.nodes)
        wanted = f">= {rival.ratio:,}"
        bench.report.row(f"{rival.nodes:,} nodes", ours, plain, ours / plain, wanted, rival.library)


def _pictures(bench: Bench) -> None:
    bench.report.table("seconds", {"measured": SECONDS, "wanted": TEXT})
    found = [article(seed) for seed in bench.seeds]
    nodes, spent = (statistics.median(column) for column in zip(*found, strict=True))
    bench.report.row(f"the article's {EPOCHS} epochs, {nodes:,.0f} nodes, one core", spent, "< .3")
    bench.render("astronaut", "--painter", "gng", "--count", 100, "--effort", 0.1)  # compiles
    portrait = statistics.median(_wall(bench, "astronaut", *PORTRAIT, "--seed", seed) for seed in bench.seeds)
    bench.report.row("20,000 nodes at 512 px, one worker", portrait, "< 5")
    if bench.quick:
        return
    source = bench.scratch / "poster.png"
    source.write_bytes(encode_png(collage(LARGE)))
    bench.report.row(f"100,000 nodes at {LARGE:,} px, two workers", _wall(bench, source, *POSTER), "< 30")


def article(seed: int) -> tuple[int, float]:
    """Nodes of the article's net, and the processor seconds that it takes."""
    grey = rgb2gray(data.astronaut()[ARTICLE])
    dark = grey < threshold_otsu(gaussian(grey, sigma=0.6)) + 0.1
    samples = EPOCHS * int(dark.sum())
    started = time.process_time()
    net = Growth(dark.astype(np.float32), 2 + samples // INTERVAL, seed, ARTICLE_RULES, INTERVAL)
    net.rate(samples, 2 + samples // INTERVAL)
    return net.nodes, time.process_time() - started


def _wall(bench: Bench, target: object, *flags: object) -> float:
    """Seconds from the command to its end, without a film."""
    out = Path(tempfile.mkdtemp(dir=bench.scratch)) / "run"
    started = time.perf_counter()
    command = tessera("render", target, "--painter", "gng", *flags, "--out", out, "--no-film", "--quiet")
    subprocess.run(command, check=True, cwd=ROOT)
    return time.perf_counter() - started


class Growth:
    """A net of two nodes at first, with room for more, in the ink of a picture."""

    def __init__(
        self, density: Density, room: int, seed: int, rules: Rules | None = None, interval: float = EACH
    ) -> None:
        self._ink = ink_of(field_of(density))
        self._state = chance_of(np.random.SeedSequence(seed))
        height, width = density.shape
        self._gas = seedling(self._ink, (0, 0, width, height), room, self._state)
        self._rules = rules or growth(WINS, room)
        self._interval = float(interval)

    @property
    def nodes(self) -> int:
        """How many there are."""
        return int(self._gas.alive.sum())

    def rate(self, samples: int, nodes: int) -> float:
        """Present samples while nodes are added until there are so many; samples a second of processor."""
        started = time.process_time()
        shown = grow(self._gas, self._ink, self._rules, self._state, samples, nodes, self._interval, True)
        return shown / (time.process_time() - started)

    def plain_rate(self, seconds: float) -> float:
        """The same of the plain version, which begins with the net as it is."""
        rules = self._rules
        learning = Learning(rules.winner, rules.neighbour, rules.age, EACH, rules.split, rules.decay)
        alive = np.flatnonzero(self._gas.alive)
        places = np.column_stack([self._gas.nodes["x"], self._gas.nodes["y"]]).astype(np.float64)[alive]
        plain = PlainGas(learning, list(places))
        for i, j in np.searchsorted(alive, edges_of(self._gas)):
            plain.join(i, j)
        signals = [np.array(sample(self._ink, self._state)) for _ in range(SIGNALS)]
        turns = itertools.cycle(signals)
        started = time.process_time()
        while time.process_time() < started + seconds:
            plain.present(next(turns), len(places))
        return plain.signals / (time.process_time() - started)
