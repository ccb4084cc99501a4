"""Promises of unattended runs, proved on this machine: runs that are killed, long ones, and what it costs."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path

from scripts.benches.report import Report
from scripts.benches.runs import ROOT
from scripts.soaks.cases import all_cases
from scripts.soaks.corrupt import Case, corrupt
from scripts.soaks.costs import costs
from scripts.soaks.fuzz import fuzz
from scripts.soaks.kills import kills
from scripts.soaks.memory import memory


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the chosen soak; exit code 1 when a promise is broken."""
    options = _parse(arguments)
    report = Report(options.json)
    outputs = ROOT / "outputs"  # where runs usually are: what must be durable is slow on a disk only
    with tempfile.TemporaryDirectory(prefix="soak-", dir=outputs) as folder:
        scratch = Path(folder)
        if options.soak == "kills":
            broken = kills(report, scratch, all_cases("astronaut"), options.kills, options.seed) > 0
        elif options.soak == "fuzz":
            broken = fuzz(report, scratch, options.inputs, options.seed) > 0
        elif options.soak == "cluster":
            from scripts.soaks.cluster import cluster  # Dask comes with another extra

            broken = cluster(report, scratch, options.blows, options.seed) > 0
        elif options.soak == "web":
            from scripts.soaks.web import web  # which needs what is for tests only

            broken = web(report, scratch, options.visitors, options.kills, options.seed) > 0
        elif options.soak == "memory":
            broken = memory(report, scratch, options.minutes * 60)
        elif options.soak == "corrupt":
            broken = corrupt(report, scratch, partial(_chosen, options), options.seed, options.keep) > 0
        else:
            broken = costs(report, scratch)
    sys.exit(1 if broken else 0)


def _chosen(options: argparse.Namespace, found: Iterator[Case]) -> Iterator[Case]:
    """The first damages of all, or only one."""
    first = islice(found, max(options.damages, (options.only or 0) + 1))
    return (case for case in first if options.only in (None, case.number))


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/soak", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to a file, too")
    soaks = parser.add_subparsers(dest="soak", required=True)
    each = soaks.add_parser("kills", help="kill runs at random moments and resume them to the same bytes")
    each.add_argument("--kills", type=int, default=30, metavar="N", help="until so many have hit: 30")
    each.add_argument("--seed", type=int, default=0, metavar="N", help="of the random moments: 0")
    each = soaks.add_parser("fuzz", help="read damaged pictures, specs, jobs files and files of shapes")
    each.add_argument("--inputs", type=int, default=10_000, metavar="N", help="so many files: 10000")
    each.add_argument("--seed", type=int, default=0, metavar="N", help="of what they hold: 0")
    each = soaks.add_parser("cluster", help="kill what a Dask cluster is made of, and cut its network")
    each.add_argument("--blows", type=int, default=30, metavar="N", help="so many: 30")
    each.add_argument("--seed", type=int, default=0, metavar="N", help="of their moments: 0")
    each = soaks.add_parser("web", help="many visitors at once of a web server that is killed at times")
    each.add_argument("--visitors", type=int, default=50, metavar="N", help="so many: 50")
    each.add_argument("--kills", type=int, default=0, metavar="N", help="of the server or its processes: 0")
    each.add_argument("--seed", type=int, default=0, metavar="N", help="of what they do, and when: 0")
    each = soaks.add_parser("memory", help="watch what an endless run holds in memory and on the disk")
    each.add_argument("--minutes", type=float, default=60.0, metavar="N", help="for so long: 60")
    each = soaks.add_parser(
        "corrupt", help="damage run folders in every way, and let every command meet them"
    )
    each.add_argument("--damages", type=int, default=500, metavar="N", help="so many: 500")
    each.add_argument("--seed", type=int, default=0, metavar="N", help="of their order and places: 0")
    each.add_argument("--only", type=int, metavar="N", help="only the one of this number")
    each.add_argument("--keep", type=Path, metavar="FOLDER", help="keep there what went wrong")
    soaks.add_parser("costs", help="time checkpoints, killed workers and resuming")
    options = parser.parse_args(arguments)
    if options.json and not options.json.parent.is_dir():
        parser.error(f"--json: there is no folder {options.json.parent}")
    if options.soak == "kills" and options.kills < 1:
        parser.error("--kills: 1 or more")
    if options.soak == "corrupt" and (options.damages < 1 or (options.only or 0) < 0):
        parser.error("--damages: 1 or more; --only: 0 or more")
    if options.soak == "corrupt" and options.keep and not options.keep.is_dir():
        parser.error(f"--keep: there is no folder {options.keep}")
    if options.soak == "cluster" and options.blows < 1:
        parser.error("--blows: 1 or more")
    if options.soak == "web" and (options.visitors < 1 or options.kills < 0):
        parser.error("--visitors: 1 or more; --kills: 0 or more")
    if options.soak == "fuzz" and options.inputs < 1:
        parser.error("--inputs: 1 or more")
    if options.soak == "memory" and options.minutes <= 0:
        parser.error("--minutes: more than 0")
    return options


if __name__ == "__main__":
    main()
