"""A user's own network: two convolutions with random weights, smooth so that slopes can be checked."""

from __future__ import annotations

from typing import Any


def network(weights: str = "") -> tuple[Any, dict[str, Any]]:
    import torch

    torch_state = torch.random.get_rng_state()
    torch.manual_seed(5)
    first = torch.nn.Conv2d(3, 4, 3, stride=2)
    second = torch.nn.Conv2d(4, 5, 3, padding=1)
    third = torch.nn.AdaptiveAvgPool2d(1)
    torch.random.set_rng_state(torch_state)
    module = torch.nn.Sequential(first, torch.nn.Softplus(), second, torch.nn.Softplus(), third)
    return module, {"first": first, "second": second, "all": third}


def no_pair() -> Any:
    return network()[0]


def other_layers() -> Any:
    return network()[0], {"first": network()[1]["first"]}


def failing() -> Any:
    raise ValueError("no such net")


def flat() -> Any:
    import torch

    module = torch.nn.Sequential(torch.nn.Flatten())
    return module, {"flat": module[0]}
