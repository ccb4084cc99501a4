"""Records, as JSON has them, turned into values whose types and ranges hold."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, TypeVar

from pydantic import ConfigDict, Field, TypeAdapter

PLAIN = ConfigDict(allow_inf_nan=False)  # for a class's __pydantic_config__: no number is NaN or infinite
Count = Annotated[int, Field(ge=0)]
Amount = Annotated[float, Field(ge=0)]
Text = Annotated[str, Field(max_length=10_000)]

Kind = TypeVar("Kind")


def valid(kind: type[Kind], value: object) -> Kind:
    """The dataclass or typed dictionary that a value stands for; ValueError when it is none."""
    return _adapter(kind).validate_python(value)  # type: ignore[arg-type]


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
