"""Tests of networks run on one thread each, as the commands do."""

import pytest


@pytest.fixture(autouse=True, scope="session")
def one_thread():
    """Torch's threads would fight with those of other tests."""
    try:
        import torch
    except ModuleNotFoundError:
        return
    torch.set_num_threads(1)
