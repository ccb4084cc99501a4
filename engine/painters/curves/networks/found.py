"""What of networks is installed here, in words: for `tessera doctor`."""

from __future__ import annotations

from typing import NamedTuple

from engine.errors import reason
from engine.installation import to_add, to_renew
from engine.painters.curves.networks.files import EXTRA, PACKAGED, installed, to_install


class Found(NamedTuple):
    """A sentence, and how to mend what is wrong, "" when nothing is."""

    words: str
    remedy: str = ""


def found() -> Found:
    """torch, what it runs on, and the networks whose weights are installed."""
    try:
        import torch
    except ModuleNotFoundError as exc:
        if exc.name == "torch":  # which few need
            return Found(f"none; what they like can be drawn after {to_add(EXTRA, ['torch'])}")
        return Found(f"torch can't be loaded ({reason(exc)})", to_renew("torch"))
    except (ImportError, OSError) as exc:
        return Found(f"torch can't be loaded ({reason(exc)})", to_renew("torch"))
    devices = [torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())]
    where = ", ".join(["the CPU", *(f"{name} (CUDA)" for name in devices)])
    have = list(installed())
    lacking = [
        entry
        for name, entry in PACKAGED.items()
        if entry.comes_along and not any(each.startswith(f"{name} (") for each in have)
    ]
    words = f"{', '.join(have) or 'no weights'}; by torch {torch.__version__} on {where}"
    return Found(
        words, f"for others: {'; '.join(dict.fromkeys(map(to_install, lacking)))}" if lacking else ""
    )
