"""How settings are written as YAML."""

from typing import Any

import yaml


class _Dumper(yaml.SafeDumper):
    """Mappings on lines of their own, lists in one line, odd characters escaped.

    PyYAML alone writes a next-line character (U+0085) so that it reads back as a line feed.
    """

    def represent_sequence(self, tag: str, sequence: Any, flow_style: Any = None) -> yaml.SequenceNode:
        return super().represent_sequence(tag, sequence, flow_style=True)

    def represent_scalar(self, tag: str, value: str, style: str | None = None) -> yaml.ScalarNode:
        return super().represent_scalar(tag, value, style if value.isprintable() else '"')


def as_yaml(settings: dict[str, Any]) -> str:
    """Mappings in mappings as they are written in a spec, with dashes in their keys."""
    dashed = _dashed(settings)
    return yaml.dump(dashed, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=float("inf"))


def _dashed(value: Any) -> Any:
    """The same mapping with dashes in its keys, as they are written in YAML."""
    if isinstance(value, dict):
        return {key.replace("_", "-"): _dashed(inner) for key, inner in value.items()}
    return value
