"""The headers of checkpoints: what is worth knowing of a run, without what reads its state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, Annotated, Any, ClassVar, Literal

from pydantic import Field

from engine import strict_json
from engine.spec.names import FileName
from engine.storage.records import PLAIN, Amount, Count, Text, valid
from engine.storage.run_folder import CHECKPOINTS, RunFolder

FORMAT = "tessera checkpoint"
MAX_HEADER = 100_000  # bytes


@dataclass(frozen=True)
class Header:
    """What is worth knowing of a run without its state."""

    __pydantic_config__: ClassVar = PLAIN

    outcome: Text | None  # how painting ended; None: it has not, as far as this file knows
    share: Annotated[float, Field(ge=0)]  # of the planned work that is done, 0..1
    shapes: Count
    evaluations: Count
    error: Amount
    seconds: Amount  # of painting so far
    digest: Text  # of what decides the picture: RunSpec.digest()
    target: FileName | Literal[""]  # the path of its file, absolute
    target_sha256: Text  # of that file's content, and the mask's
    mask: FileName | Literal[""] = ""  # the path of the file that says what matters, absolute; "" for none
    at: Text = ""  # when it was written, as ISO 8601 with a zone
    generation: Count = 0  # one more than that of the file before


def read_header(folder: RunFolder) -> Header | None:
    """The newest header, without a look at what follows; None when there is none."""
    headers = []
    for name in CHECKPOINTS:
        try:
            with folder.opened(name) as file:
                headers.append(valid(Header, header_fields(file)))
        except (OSError, ValueError):
            continue
    return max(headers, key=lambda header: header.generation, default=None)


def header_fields(file: IO[bytes]) -> dict[str, Any]:
    """The header at the beginning of a file as JSON has it; ValueError when there is none."""
    fields = strict_json.parse(file.readline(MAX_HEADER))
    if not isinstance(fields, dict) or fields.get("format") != FORMAT:
        raise ValueError("no header")
    return fields
