"""What learning and drawing by torch runs on."""

from __future__ import annotations

from engine.errors import SpecError, ToolError
from engine.installation import to_add, to_renew

EXTRA = "neural"


def device_of(asked: str) -> str:
    """The device that torch is to use: cpu or cuda; asked: one of them, or auto, for cuda where it is there.

    ToolError, with what to install, without torch; SpecError for cuda where torch sees none.
    """
    try:
        import torch
    except ModuleNotFoundError as exc:
        raise ToolError(
            f"learning a brush needs torch; install it with: {to_add(EXTRA, ['torch'])}."
        ) from exc
    except (ImportError, OSError) as exc:
        raise ToolError(f"torch can't be loaded ({exc}); {to_renew('torch')}.") from exc
    has_cuda = torch.cuda.is_available()
    if asked == "cuda" and not has_cuda:
        raise SpecError("--device cuda: torch sees no CUDA device here; use --device cpu.")
    return "cuda" if has_cuda and asked != "cpu" else "cpu"
