"""Tessera's figures, measured in one run on this machine, beside what they should be."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from scripts.benches.big import big
from scripts.benches.brush import brush
from scripts.benches.curves import curves
from scripts.benches.film import film
from scripts.benches.gas import gas
from scripts.benches.murals import murals
from scripts.benches.pace import pace
from scripts.benches.polygons import SECTIONS, polygons
from scripts.benches.report import Report
from scripts.benches.runs import ROOT, Bench
from scripts.benches.scaling import scaling
from scripts.benches.seams import seams
from scripts.benches.start import start
from scripts.benches.variants import variants

BENCHES = (
    "polygons", "variants", "scaling", "film", "pace", "gas", "seams", "curves", "murals", "big", "start",
    "brush",
)  # fmt: skip
PLOT = ROOT / "outputs" / "bench" / "variants.png"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the chosen bench."""
    options = _parse(arguments)
    with tempfile.TemporaryDirectory(prefix="tessera-bench-") as folder:
        bench = Bench(Report(options.json), Path(folder), options.quick)
        try:
            bench.render("astronaut", "--effort", 0.01)  # compiles, and warms the disk
            if options.bench == "variants":
                variants(bench, options.plot)
            elif options.bench == "scaling":
                scaling(bench)
            elif options.bench == "film":
                film(bench)
            elif options.bench == "pace":
                pace(bench, options.sheets)
            elif options.bench == "gas":
                gas(bench)
            elif options.bench == "curves":
                curves(bench)
            elif options.bench == "brush":
                brush(bench)
            elif options.bench == "murals":
                murals(bench)
            elif options.bench == "big":
                big(bench)
            elif options.bench == "start":
                start(bench)
            elif options.bench == "seams":
                seams(bench)
            else:
                polygons(bench, options.only)
        except subprocess.CalledProcessError as failure:
            sys.exit(f"scripts/bench: this failed: {' '.join(map(str, failure.cmd))}")


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("bench", nargs="?", choices=BENCHES, default="polygons")
    parser.add_argument("--quick", action="store_true", help="one seed and no long runs: under a minute")
    parser.add_argument(
        "--only", choices=SECTIONS, action="append", help="polygons: this section; may be repeated"
    )
    parser.add_argument("--plot", type=Path, metavar="FILE.png", help=f"variants: by default {PLOT.name}")
    parser.add_argument("--sheets", type=Path, metavar="FOLDER", help="pace: contact sheets, in a folder")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to a file, too")
    options = parser.parse_args(arguments)
    if options.only and options.bench != "polygons":
        parser.error("--only chooses among the sections of polygons")
    if options.plot and options.bench != "variants":
        parser.error("--plot is where variants draws its plot")
    if options.sheets and (options.bench != "pace" or not options.sheets.is_dir()):
        parser.error("--sheets is a folder that is there, where pace puts contact sheets")
    if options.json and not options.json.parent.is_dir():
        parser.error(f"--json: there is no folder {options.json.parent}")
    options.plot = options.plot or PLOT
    if options.plot.suffix != ".png":
        parser.error(f"--plot: {options.plot} does not end in .png")
    return options


if __name__ == "__main__":
    main()
