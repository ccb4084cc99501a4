"""Plug-ins that paint: one package each."""


def names() -> tuple[str, ...]:
    """The painters that can be used, by the names that settings have for them."""
    from engine.painters.registry import PAINTERS

    return tuple(PAINTERS)
