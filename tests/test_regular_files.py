"""Files are opened without waiting, and read up to a limit; all else is an OSError that says what it is."""

import errno
import os
import socket
from pathlib import Path

import pytest

from engine.regular_files import open_regular, read_any, read_regular


def refused(path: Path, most: int = 100) -> OSError:
    descriptors = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    with pytest.raises(OSError, match=r".") as caught:
        read_regular(path, most)
    assert len(os.listdir("/proc/self/fd")) == descriptors, "one was left open"  # noqa: PTH208
    assert caught.value.filename == str(path)
    return caught.value


def test_a_file_is_read_whole_also_by_a_link(tmp_path):
    (tmp_path / "a").write_bytes(b"x" * 100)
    (tmp_path / "link").symlink_to("a")
    assert read_regular(tmp_path / "link", 100) == b"x" * 100
    with open_regular(tmp_path / "a", 100) as file:
        assert not os.get_inheritable(file.fileno())


def test_what_is_too_large_is_not_read(tmp_path):
    (tmp_path / "a").write_bytes(b"x" * 101)
    error = refused(tmp_path / "a")
    assert (error.errno, error.strerror) == (errno.EFBIG, "larger than 100 bytes")
    # It says that it has no bytes at all.
    assert refused(Path("/proc/self/maps"), 9).errno == errno.EFBIG


def test_pipes_devices_and_sockets_are_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        for path in (tmp_path / "pipe", Path("/dev/zero"), tmp_path / "socket"):
            assert refused(path).strerror == "a device, pipe or socket"


def test_other_names_are_refused_as_what_they_are(tmp_path):
    assert refused(tmp_path).strerror == "a folder"
    assert refused(tmp_path / "nothing").errno == errno.ENOENT
    for name in ("a\0b", "a\ud800b"):
        assert refused(tmp_path / name).strerror == "no name that a file can have"


def test_what_a_user_names_may_be_a_pipe(tmp_path):
    for size in (100, 101):
        end, other = os.pipe()
        with os.fdopen(other, "wb") as file:
            file.write(b"x" * size)
        try:
            if size == 100:
                assert read_any(Path(f"/dev/fd/{end}"), 100) == b"x" * 100
            else:
                with pytest.raises(OSError, match=r"larger than 100 bytes"):
                    read_any(Path(f"/dev/fd/{end}"), 100)
        finally:
            os.close(end)
