"""Available memory is what the machine has and the control groups leave."""

import pytest

from engine.system.resources import available_memory


@pytest.fixture
def machine(tmp_path):
    (tmp_path / "meminfo").write_text("MemTotal: 900 kB\nMemAvailable:    500 kB\nHugePages_Total: 0\n")
    return tmp_path


def group(folder, limit, used, cached, version):
    folder.mkdir(parents=True, exist_ok=True)
    names = {1: ("memory.limit_in_bytes", "memory.usage_in_bytes"), 2: ("memory.max", "memory.current")}
    (folder / names[version][0]).write_text(f"{limit}\n")
    (folder / names[version][1]).write_text(f"{used}\n")
    (folder / "memory.stat").write_text(f"anon 5\n{'total_' * (version == 1)}inactive_file {cached}\n")


def available(machine, membership):
    (machine / "membership").write_text(membership)
    return available_memory(machine / "meminfo", machine / "groups", machine / "membership")


def test_without_limits_it_is_what_the_machine_has(machine):
    assert available(machine, "0::/a/b\n1:cpu:/\n") == 500 * 1024
    group(machine / "groups/a", "max", 7, 0, 2)
    assert available(machine, "0::/a/b\n") == 500 * 1024
    assert available_memory(machine / "meminfo", machine, machine / "missing") == 500 * 1024
    assert available_memory(machine / "missing") is None


def test_the_tightest_group_counts_without_what_files_take(machine):
    group(machine / "groups/a/b", 400_000, 100_000, 20_000, 2)
    group(machine / "groups/a", 450_000, 200_000, 20_000, 2)
    assert available(machine, "0::/a/b\n") == 270_000
    group(machine / "groups", 1000, 2000, 0, 2)
    assert available(machine, "0::/a/b\n") == 0


def test_a_container_of_version_1_sees_its_limits_at_the_top(machine):
    group(machine / "groups/memory", 300_000, 100_000, 50_000, 1)
    assert available(machine, "4:memory:/docker/0123\n") == 250_000
