"""How a notebook shows a run that has a film."""

from __future__ import annotations

import base64

from engine.storage.run_folder import FILM, RunFolder

VIDEOS = {"mp4": "video/mp4", "webm": "video/webm"}
PICTURES = {"gif": "image/gif", "webp": "image/webp", "apng": "image/apng", "svg": "image/svg+xml"}
LARGEST = 30_000_000  # bytes that are put into a notebook


def film_html(folder: RunFolder) -> str | None:
    """The first of a run's films that a browser plays; None when there is none."""
    for suffix, kind in {**VIDEOS, **PICTURES}.items():
        try:
            film = folder.read(f"{FILM}.{suffix}", LARGEST)
        except OSError:  # there is none, or it is too large
            continue
        source = f"data:{kind};base64,{base64.b64encode(film).decode()}"
        if suffix in VIDEOS:
            return f'<video controls autoplay loop muted playsinline src="{source}"></video>'
        return f'<img src="{source}" alt="The film of the run">'
    return None
