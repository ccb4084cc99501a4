"""Tessera: paints a picture out of shapes, tile by tile, and films itself doing it.

`engine.render("photo.jpg")` paints and gives a `Run`; `engine.open_run(folder)` finds one again.
What is asked for is imported then: `import engine` alone loads nothing.
"""

TYPE_CHECKING = False  # as typing has it, from where it may not come: see __main__.py

if TYPE_CHECKING:
    from engine import errors, events, painters
    from engine.library.render import open_run, render
    from engine.library.run import Run
else:

    def __getattr__(name: str) -> object:
        if name not in _PLACES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        module, _, attribute = _PLACES[name].partition(":")
        found = import_module(module)
        return getattr(found, attribute) if attribute else found


__version__ = "0.1.0"
__all__ = ["Run", "__version__", "errors", "events", "open_run", "painters", "render"]

_PLACES = {
    "Run": "engine.library.run:Run",
    "errors": "engine.errors",
    "events": "engine.events",
    "open_run": "engine.library.render:open_run",
    "painters": "engine.painters",
    "render": "engine.library.render:render",
}


def __dir__() -> list[str]:
    return __all__
