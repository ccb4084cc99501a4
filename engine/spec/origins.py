"""Where each setting of a spec comes from, as comments of its YAML."""

from __future__ import annotations

from collections.abc import Mapping


def with_origins(text: str, origins: Mapping[str, str]) -> str:
    """YAML as `as_yaml` writes it (a setting on a line), with comments; it reads back as the same.

    origins: what is said, in one printable line, by full path of the setting.
    """
    lines, path = [], list[str]()
    for line in text.splitlines():
        key = line.lstrip()
        depth = (len(line) - len(key)) // 2
        path[depth:] = [key.partition(":")[0].replace("-", "_")]
        origin = origins.get(".".join(path))
        lines.append(f"{line}  # {origin}" if origin else line)
    return "\n".join(lines) + "\n"
