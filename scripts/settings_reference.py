"""Writes the tables of docs/settings.md anew, from the models of the settings."""

from pathlib import Path

from engine.painters.registry import PAINTERS, params_of
from engine.spec.reference import with_reference

PAGE = Path(__file__).parent.parent / "docs" / "settings.md"


def main() -> None:
    """Write them."""
    PAGE.write_text(with_reference(PAGE.read_text(), {name: params_of(name) for name in PAINTERS}))


if __name__ == "__main__":
    main()
