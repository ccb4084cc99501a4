"""Records, as JSON has them, turned into values whose types and ranges hold."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, TypeVar

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

PLAIN = ConfigDict(allow_inf_nan=False)  # for a class's __pydantic_config__: no number is NaN or infinite
Count = Annotated[int, Field(ge=0)]
Amount = Annotated[float, Field(ge=0)]
Text = Annotated[str, Field(max_length=10_000)]

Kind = TypeVar("Kind")


def valid(kind: type[Kind], value: object) -> Kind:
    """The dataclass or typed dictionary that a value stands for; ValueError when it is none."""
    try:
        return _adapter(kind).validate_python(value)  # type: ignore[arg-type]
    except ValidationError as exc:
        error = exc.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(map(str, error["loc"]))[:100]
        raise ValueError(f"{where}: {error['msg']}" if where else str(error["msg"])) from exc


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
