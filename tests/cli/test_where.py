"""--pool and --pool-grace: what they take, and that no folder says where it is painted."""

import pytest

from engine.cli.app import app
from engine.cli.where import place
from engine.errors import SpecError, WorkerError
from tests.conftest import QUICK, refused, result
from tests.doubles.dask_cluster import free_port


def test_a_place_and_its_grace():
    assert (place("local:2", "90s").grace, place("processes", "5m").grace) == (90.0, 300.0)
    with pytest.raises(SpecError, match=r"^--pool-grace must be a duration of 0s or more .* not soon\.$"):
        place("processes", "soon")


def test_a_pool_of_no_kind_is_refused_before_anything_is_made(photo, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert refused("render", photo, "--pool", "http://there").startswith("--pool must be processes, inline")
    assert refused("resume", tmp_path, "--pool", "local:0").startswith("--pool must be")
    assert list(tmp_path.iterdir()) == []


def test_where_a_run_is_painted_is_stored_nowhere_and_changes_no_byte(tessera, photo, run_folder, tmp_path):
    """Begun on a cluster that its user has stopped, gone on with in processes."""
    out = tmp_path / "run"
    begun = tessera("render", photo, "--out", out, *QUICK, "--workers", 2, "--no-film", "--pool", "local:2")
    assert begun.returncode == 0, begun.stderr
    assert (out / "result.svg").read_bytes() == (run_folder / "result.svg").read_bytes()
    assert "local:2" not in (out / "spec.yaml").read_text()
    more = tessera("resume", out, "--effort", "0.2", "--no-film")
    assert more.returncode == 0, more.stderr
    assert result(out)["evaluations"] > result(run_folder)["evaluations"]


def test_a_place_that_nobody_listens_at_leaves_nothing_behind(photo, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    address = f"127.0.0.1:{free_port()}"
    with pytest.raises(WorkerError, match=rf"^tcp://{address}: nobody listens there \(Connection refused\)"):
        app(["render", str(photo), "--pool", f"tcp://{address}", "--quiet"], standalone_mode=False)
    monkeypatch.setenv("DASK_CONFIG", str(tmp_path))
    with pytest.raises(SpecError, match=r"names no certificates for TLS here; see docs/cluster\.md\.$"):
        app(["render", str(photo), "--pool", f"tls://{address}", "--quiet"], standalone_mode=False)
    assert list(tmp_path.iterdir()) == []
