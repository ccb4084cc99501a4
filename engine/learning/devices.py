"""Where networks are trained and compared: a sentence when torch, or a card, isn't there."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Literal

from engine.errors import SpecError
from engine.installation import to_add

EXTRA = "neural"
DEVICES = ("auto", "cpu", "cuda")


def device_for(what: str, word: str) -> Literal["cpu", "cuda"]:
    """The device that a word of DEVICES means; SpecError when torch, or a card that is asked for, is missing.

    what: the command that wants it.
    """
    if word not in DEVICES:
        raise SpecError(f"--device {word}: must be {', '.join(DEVICES[:-1])} or {DEVICES[-1]}.")
    if find_spec("torch") is None:
        raise SpecError(
            f"{what} needs torch, which is not installed; install it with: {to_add(EXTRA, ['torch'])}."
        )
    import torch

    if word == "cpu" or (word == "auto" and not torch.cuda.is_available()):
        return "cpu"
    if not torch.cuda.is_available():
        raise SpecError("--device cuda: torch sees no CUDA device here; give cpu, or auto.")
    return "cuda"
