"""`tessera painters`, `presets`, `formats` and `samples`: what there is to choose from."""

import json
import os
from collections.abc import Iterable
from typing import Any

from engine.cli.help_page import Entry
from engine.cli.help_text import entries_of, width
from engine.cli.options import AsArray

SAMPLES = {
    "astronaut": "a portrait, in colour",
    "brick": "a wall",
    "camera": "a photographer with his tripod, grey",
    "cat": "a cat's face, in colour (chelsea)",
    "cell": "a cell under the microscope",
    "checkerboard": "black and white squares",
    "chelsea": "a cat's face, in colour",
    "clock": "a clock, blurred by motion",
    "coffee": "a cup of coffee, in colour",
    "coins": "coins on a dark ground",
    "colorwheel": "all hues",
    "grass": "grass, grey",
    "gravel": "gravel, grey",
    "horse": "the silhouette of a horse",
    "hubble_deep_field": "galaxies, in colour",
    "immunohistochemistry": "tissue under the microscope, in colour",
    "logo": "a round logo, transparent around it",
    "microaneurysms": "blood vessels of an eye",
    "moon": "craters of the moon",
    "page": "a page of a book",
    "retina": "the back of an eye, in colour",
    "rocket": "a rocket on its launch pad, in colour",
    "shepp_logan_phantom": "ellipses, as of a head in a scanner",
    "text": "handwriting on grey paper",
}
# Of painters: settings whose words are listed.
CHOICES = {
    "polygons": ("shape",),
    "gng": ("look", "points"),
    "curves": ("objective", "neuron"),
    "brush": ("brush",),
}


def painters(as_json: AsArray = False) -> None:
    """List who paints, with their shapes and looks."""
    from engine.cli.flag_facts import facts_of
    from engine.painters.registry import PAINTERS

    records: list[dict[str, Any]] = [
        {
            "name": name,
            "about": entry.about,
            "settings": {
                setting: [{"name": word, "about": text} for word, text in facts_of(setting).choices.items()]
                for setting in CHOICES.get(name, ())
            },
        }
        for name, entry in PAINTERS.items()
    ]
    if as_json:
        print(json.dumps(records))
        return
    for number, record in enumerate(records):
        print("\n" * bool(number) + f"--painter {record['name']}: {record['about']}")
        for setting, words in record["settings"].items():
            _print_below(f"--{setting}", words)
    print("\nEvery setting of a painter is in tessera spec PICTURE --painter NAME, and in docs/settings.md.")


def presets(as_json: AsArray = False) -> None:
    """List the recipes that --preset takes, your own ones first."""
    from engine.spec.presets import own_folder
    from engine.spec.presets import presets as found

    records = [
        {"name": each.name, "about": each.about, "path": str(each.path), "own": each.is_own}
        for each in sorted(found(os.environ).values(), key=lambda each: (not each.is_own, each.name))
    ]
    if as_json:
        print(json.dumps(records))
        return
    _print_below("--preset", records)
    print(f"\nYour own ones are spec files without a target, in {own_folder(os.environ)}/NAME.yaml.")


def formats(as_json: AsArray = False) -> None:
    """List what pictures can be read, and what films and files for other programs can be written."""
    from engine.cli.formats import exported, films, read

    lists = {"read": read(), "film": films(), "export": exported()}
    if as_json:
        print(json.dumps([{"for": use, **record} for use, records in lists.items() for record in records]))
        return
    headings = (
        "Pictures that are read:",
        "Films (--format of film and animate):",
        "Files (--format of export):",
    )
    for number, (heading, records) in enumerate(zip(headings, lists.values(), strict=True)):
        _print_below(heading.removesuffix(":"), records, is_first=not number)


def samples(as_json: AsArray = False) -> None:
    """List the pictures that come along, for trying things out: tessera render coffee."""
    from engine.image.blank import EXAMPLE
    from engine.image.samples import samples as found

    records = [{"name": name, "about": SAMPLES.get(name, ""), "download": False} for name in found()]
    if as_json:
        print(json.dumps(records))
        return
    _print_below("Pictures of scikit-image, all here already: none needs a download", records, is_first=True)
    paper = {"name": EXAMPLE, "about": "white paper of any size, for painters that need no picture"}
    _print_below("Nothing yet", [paper])


def _print_below(heading: str, records: Iterable[dict[str, Any]], is_first: bool = False) -> None:
    entries = []
    for each in records:
        hint = f" ({each['hint']})" if each.get("hint") else ""
        entries.append(Entry(each["name"], each["about"].replace("`", "") + hint))
    print("" if is_first else "\n", end="")
    print("\n".join([f"{heading}:", *entries_of(entries, width())]))
