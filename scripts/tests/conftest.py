from tests.conftest import photo, run_folder, tessera

__all__ = ["photo", "run_folder", "tessera"]
