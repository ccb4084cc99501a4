"""A run as one value: everything that was asked of it, validated once, frozen.

A field that takes more than a plain number or choice carries the words that its refusals need.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, SerializeAsAny, model_serializer

from engine.spec.export_models import ExportSettings
from engine.spec.fields import (
    FROZEN,
    PIXELS,
    Background,
    Command,
    Duration,
    DurationOrZero,
    Grid,
    Importance,
    Location,
    Memory,
    Moment,
    Start,
    Target,
)
from engine.spec.film_models import AnimationSettings, FilmSettings
from engine.spec.lengths import LARGEST
from engine.spec.yaml_writer import as_yaml

NOT_DECISIVE = dict.fromkeys(
    (
        "out",
        "workers",
        "nice",
        "memory",
        "film",
        "animation",
        "export",
        "record",
        "checkpoint",
        "notify",
        "result_size",
    ),
    True,
)


BLANK = "blank:"  # what targets begin with that are no file, see engine/image/blank.py


class PainterSettings(BaseModel):
    """The painter's name and its own validated parameters; written flat, as one mapping."""

    model_config = FROZEN
    name: str = Field(description="who paints")
    params: SerializeAsAny[BaseModel] = Field(description="the painter's own settings")

    @model_serializer
    def _flat(self) -> dict[str, Any]:
        """Write the parameters beside the name."""
        return {"name": self.name, **self.params.model_dump(mode="json")}


class BudgetSettings(BaseModel):
    """When to stop: effort multiplies the default work; time (seconds), until and error stop earlier."""

    model_config = FROZEN
    effort: float = Field(
        default=1.0, gt=0, le=100_000, description="counted work, as a multiple of the default"
    )
    time: Duration | None = Field(
        default=None,
        description="stop earlier, after this time (of this run in all, resumed or not). The time that the "
        "films will take is left for them, up to half",
    )
    until: Moment | None = Field(
        default=None,
        description="stop earlier, at this time of day, the next such moment. The time that the films will "
        "take is left for them, up to half",
    )
    error: float | None = Field(default=None, gt=0, lt=1, description="stop earlier, at this error")


class RecordSettings(BaseModel):
    """What is kept of a run on its way.

    A snapshot of the scene after every n-th job at first, fewer later: there are `keep` at most.
    """

    model_config = FROZEN
    every: Literal["auto"] | Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        default="auto", description="a snapshot after every n-th job at first"
    )
    keep: Literal["auto"] | Annotated[int, Field(ge=2, le=10_000)] = Field(
        default="auto",
        description="when there are more snapshots than that (`auto`: 500, fewer of very many shapes), "
        "those go that the film misses least, and n doubles",
    )
    preview: DurationOrZero = Field(
        default=2.0,
        description="how often preview.png is replaced at most, while painting goes on; less often where "
        "that takes more than 20 ms each time",
    )


class CheckpointSettings(BaseModel):
    """How often a run saves its state, and for how long it paints on when it can't; seconds."""

    model_config = FROZEN
    every: DurationOrZero = Field(default=30.0, description="how often the state is saved at most")
    grace: DurationOrZero = Field(
        default=600.0, description="how long painting goes on when the disk doesn't take it"
    )


class NotifySettings(BaseModel):
    """Shell commands that are run at the end, with a summary on their standard input."""

    model_config = FROZEN
    on_success: Command | None = Field(default=None, description="run at the end, after exit code 0")
    on_failure: Command | None = Field(
        default=None, description="run at the end, after exit codes 2, 4, 5 and 6"
    )


class RunSpec(BaseModel):
    """Everything that was asked of a run; sizes are the longest side in pixels."""

    model_config = FROZEN
    target: Target = Field(
        description="the picture that is painted; samples are those of scikit-image. `blank:512x512` is "
        "white paper of that size (or of the `background`), for painters that need no picture"
    )
    frame: int = Field(
        default=0,
        ge=0,
        le=10_000_000,
        description="which picture of a target that moves or has pages (GIF, APNG, WebP, TIFF, AVIF, HEIC, "
        "MP4, WebM); 0: the first",
    )
    start: Start | None = Field(
        default=None,
        alias="from",  # which is a keyword of Python
        description="begin with what it has painted, at any size and with any settings, if painter and "
        "proportions are the same. Missing shapes are added where the error is; of too many those worth "
        "least go. Old ones keep their kind, and a `mean` background is the other run's",
    )
    size: int = Field(
        default=512,
        ge=1,
        le=20_000,
        description="longest side in pixels of the copy that is approximated (never enlarged). Blank paper "
        "keeps the size that it says",
        json_schema_extra=PIXELS,
    )
    background: Background = Field(
        default="auto",
        description="what the shapes lie on; `auto`: nothing where the target is transparent, else `mean`; "
        "`mean`: the target's mean colour, of blank paper white; `transparent`: result.png "
        "and result.svg are as transparent as the target. The error is then the mean of those on black and "
        "on white paper; where the target is clear only a shape's opacity counts against it, whatever its "
        "colour. Of nets it is the paper, see docs/nets.md",
    )
    importance: Importance = Field(
        default="none",
        description="`auto`: places with much to see, such as faces, are painted finer; a mask: white where "
        "it matters",
    )
    painter: PainterSettings = Field(description="who paints, and how")
    grid: Grid = Field(
        default="auto", description="the finest grid, rows x columns; `auto`: tiles of about 128 px"
    )
    seed: int = Field(default=0, ge=0, le=2**63 - 1, description="another seed, another picture")
    budget: BudgetSettings = Field(default=BudgetSettings(), description="how much work, and when to stop")
    workers: Literal["auto"] | Annotated[int, Field(ge=1, le=1024)] = Field(
        default="auto", description="processes; the picture doesn't depend on them"
    )
    nice: int = Field(
        default=0, ge=0, le=19, description="how far the processes stand back behind other programs"
    )
    memory: Literal["auto"] | Memory = Field(
        default="auto",
        description="what all processes of a run may take together: fewer workers are started where more "
        "would not fit; `auto`: half of what is free, asked of large pictures only, see docs/murals.md",
    )
    record: RecordSettings = Field(
        default=RecordSettings(), description="the snapshots that films are made of"
    )
    checkpoint: CheckpointSettings = Field(
        default=CheckpointSettings(), description="the state that a run goes on from"
    )
    notify: NotifySettings = Field(
        default=NotifySettings(), description="whom to tell, see docs/unattended.md#tell-somebody"
    )
    film: FilmSettings = Field(default=FilmSettings(), description="the film of a run, see docs/films.md")
    animation: AnimationSettings = Field(
        default=AnimationSettings(), description="of `tessera animate`, see docs/films.md#animations"
    )
    export: ExportSettings = Field(
        default=ExportSettings(), description="of `tessera export`, see docs/exports.md"
    )
    result_size: Annotated[int, Field(ge=1, le=LARGEST)] | None = Field(
        default=None,
        description="longest side of result.png in pixels; null: the target's, or what makes 100 megapixels",
        json_schema_extra=PIXELS,
    )
    out: Location | None = Field(default=None, description="the run's folder; null: outputs/NAME")

    @property
    def name(self) -> str:
        """What is made of the target is called: its name without a suffix, or such as blank-256x256."""
        if not self.target.startswith(BLANK):
            return Path(self.target).stem
        size = self.target.removeprefix(BLANK).lower()
        return f"blank-{size}" if "x" in size else f"blank-{size}x{size}"

    def to_yaml(self) -> str:
        """Write every setting, nested, in the order of the fields; reads back as an equal spec."""
        return as_yaml(self.model_dump(mode="json", by_alias=True))

    def bare(self) -> RunSpec:
        """The names of files alone instead of absolute paths, and no commands: for whoever is shown it."""
        named = {name: _bare(getattr(self, name)) for name in ("target", "start", "importance", "out")}
        film = self.film.model_copy(update={"encoder": _bare(self.film.encoder)})
        animation = self.animation.model_copy(update={"to": _bare(self.animation.to)})
        return self.model_copy(
            update={**named, "film": film, "animation": animation, "notify": NotifySettings()}
        )

    def recipe(self) -> str:
        """What is decisive, as YAML: another run of it makes the same picture."""
        return as_yaml(self.decisive())

    def decisive(self) -> dict[str, Any]:
        """All that decides the picture, not how fast it is made, shown or recorded, as plain values."""
        left_out: dict[str, Any] = {**NOT_DECISIVE, "budget": {"time", "until"}}
        if not self.frame:  # which all runs had before there was a choice
            left_out["frame"] = True
        return self.model_dump(mode="json", by_alias=True, exclude=left_out)

    def digest(self) -> str:
        """Sha256 in hex of what is decisive."""
        return hashlib.sha256(json.dumps(self.decisive(), sort_keys=True).encode()).hexdigest()


class SharedSettings(RunSpec):
    """Settings that several runs have in common, each with a target of its own."""

    target: str = ""


def _bare(path: str | None) -> str | None:
    return Path(path).name if path and Path(path).is_absolute() else path


def flat(settings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every single setting of mappings in mappings, by its dotted path."""
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value
