"""The parts of a page as HTML; whatever a user has named is escaped."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from html import escape
from pathlib import Path

from engine.export.metadata import command
from engine.formatting import byte_count
from engine.report import text as words
from engine.report.data import ReportData
from engine.report.images import data_uri, embedded, pair
from engine.storage.run_folder import FILM, RunFolder

LARGEST_FILM = 30_000_000  # bytes, above which a film is not put into the page
FILMS = {  # what a browser shows, by suffix, the best first
    "mp4": "video/mp4",
    "webm": "video/webm",
    "webp": "image/webp",
    "gif": "image/gif",
    "apng": "image/apng",
    "svg": "image/svg+xml",
}


def comparison(data: ReportData) -> str:
    """Result and target over each other, with a slider; beside each other without scripts or on paper."""
    result, target = pair(data.scene, data.target)
    name = escape(words.name(data))
    height, width = data.scene.height, data.scene.width
    paper = " clear" if data.target.shape[2] == 4 else ""
    size = f'width="{result.width}" height="{result.height}"'
    return f"""<div class="stage"><div class="compare{paper}" style="--ratio: {width / height:.6g}">
<figure><img src="{embedded(result)}" {size} alt="The result: {data.words.marks(len(data.scene))}">
<figcaption>result</figcaption></figure>
<figure><img src="{embedded(target)}" {size} alt="The target: {name}">
<figcaption>target</figcaption></figure>
<input type="range" min="0" max="100" step="0.1" value="50" hidden
 aria-label="How much of the result is shown before the target, in per cent">
</div></div>
<p class="note">The target is the copy of {width} × {height} px that was approximated;
the result is drawn from its {data.words.mark}s.</p>"""


def film(folder: RunFolder) -> str:
    """The best film that there is, or how to make one."""
    suffix = next((each for each in FILMS if folder.has(f"{FILM}.{each}")), None)
    if suffix is None:
        made = escape(f"tessera film {shlex.quote(_near(folder.path))}")
        return f"<p>There is no film of this run yet. <code>{made}</code> makes one.</p>"
    path, kind = folder / f"{FILM}.{suffix}", FILMS[suffix]
    size = path.stat().st_size
    is_large = size > LARGEST_FILM
    source = path.name if is_large else data_uri(folder.read(path.name, LARGEST_FILM), kind)
    note = (
        f'<p class="note">The film has {byte_count(size)}, which is too much for a page: it is the file '
        f'<a href="{path.name}">{path.name}</a> beside it.</p>'
        if is_large
        else ""
    )
    if kind.startswith("video"):
        return f'<div><video controls loop muted playsinline src="{source}"></video>{note}</div>'
    return f'<div><img src="{source}" alt="The film: how the picture came about">{note}</div>'


def figures(data: ReportData) -> str:
    """What is worth knowing in numbers."""
    asked = _rows(words.settings(data))
    if asked:
        asked = f'<tbody><tr><th colspan="2" scope="rowgroup">asked for</th></tr>{asked}</tbody>'
    return f"<table><tbody>{_rows(words.figures(data))}</tbody>{asked}</table>"


def spec(data: ReportData) -> str:
    """All settings as YAML, to read and to save."""
    text = data.spec.to_yaml()
    saved = data_uri(text.encode(), "text/yaml;charset=utf-8")
    return f"""<pre tabindex="0" role="region" aria-label="spec.yaml"><code>{escape(text)}</code></pre>
<p><a download="spec.yaml" href="{saved}">Save it as spec.yaml</a></p>"""


def recipe(data: ReportData) -> str:
    """How to make the picture again, and how alike it will be."""
    facts = [f"Tessera {data.version}"] if data.version else []
    facts += [f"seed {data.spec.seed}", f"the target {data.spec.target}"]
    digest = ""
    if data.header and data.header.target_sha256:
        whose = "target and mask together" if data.header.mask else "target"
        sha256 = escape(data.header.target_sha256)
        digest = f'<p>SHA-256 of the {whose}:<br><code class="digest">{sha256}</code></p>'
    caveats = "".join(f"<p>{escape(caveat)}</p>" for caveat in words.caveats(data))
    return f"""<pre tabindex="0" role="region" aria-label="commands"><code># with the spec
tessera render spec.yaml --out again
# or without it
{escape(command(data.spec))} --out again</code></pre>
<p>What it takes: {escape(", ".join(facts))}.</p>
{digest}
<p>On one kind of processor the same bytes come out, for any number of workers; on another kind,
the same error within 1%.</p>
{caveats}"""


def _rows(figures: Iterable[tuple[str, str]]) -> str:
    return "".join(
        f'<tr><th scope="row">{escape(label)}</th><td>{escape(value)}</td></tr>' for label, value in figures
    )


def _near(path: Path) -> str:
    """A folder as one calls it from the current one, when it is in there."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
