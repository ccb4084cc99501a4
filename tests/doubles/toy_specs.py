"""Painters' parameters of every kind, and short ways from settings to a spec or a refusal."""

from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from engine.errors import SpecError
from engine.spec.models import RunSpec
from engine.spec.resolution import resolve
from engine.spec.settings import Document, read_document


class Polygons(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    shape: Literal["triangle", "quad"] = "triangle"
    count: int = Field(default=1000, ge=1, le=1_000_000)


def even(value: int) -> int:
    if value % 2:
        raise ValueError("it must\nbe even.")
    return value


class Mode(Enum):
    SLOW = "slow"
    FAST = "fast"


class Cooling(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    start: float = 0.05
    end_at: float = 0.001


class Odd(BaseModel):
    """Parameters of every kind that a painter's author may come up with."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cooling: Cooling = Cooling()
    mode: Mode = Mode.SLOW
    sides: Annotated[int, AfterValidator(even)] = 2
    step: int = Field(default=4, ge=2, le=64, multiple_of=2)
    low: float = 0.0
    high: float = 1.0
    sizes: tuple[int, float] = (1, 2.0)
    weights: list[float] = Field(default=[1.0], min_length=1)
    code: str = Field(default="ab", pattern="^[a-z]+$")
    table: dict[str, int] | None = None

    @model_validator(mode="after")
    def ordered(self) -> "Odd":
        if self.low > self.high:
            raise ValueError("low is above high")
        return self


class Strict(BaseModel):
    needed: int = Field(ge=1)


PAINTERS: dict[str, type[BaseModel]] = {"polygons": Polygons, "odd": Odd, "strict": Strict}
FOREIGN = ("Input should", "validation error", "Value error", "valid integer", "pydantic", "unable to parse")


def params_of(name: str) -> type[BaseModel]:
    if name not in PAINTERS:
        raise SpecError(f"no painter is called {name!r}; there are polygons, odd and strict.")
    return PAINTERS[name]


def settle(*documents: Document) -> RunSpec:
    return resolve(documents, params_of)


def read(path: Path, text: str) -> Document:
    path.write_text(text, encoding="utf-8", newline="")
    return read_document(path)


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(SpecError) as caught:
        call()
    message = str(caught.value)
    assert message.isprintable(), message  # which also means: one line
    assert message.endswith(".")
    assert not any(words in message for words in FOREIGN), message
    return message
