"""Bytes that processes share: a mapped file in shared memory or, when it has no room there, in a folder.

In shared memory the file has no name, and others open it by way of its owner's descriptor. So the kernel
takes it back when the last process that has it ends, however that ends: nothing is left behind, there is
nothing to mistake for a living run's in another container, and no logout removes it (systemd's RemoveIPC).
"""

from __future__ import annotations

import errno
import mmap
import os
from pathlib import Path
from typing import NamedTuple

from engine.errors import SpaceError, reason
from engine.formatting import byte_count

SHM_FOLDER = Path("/dev/shm")  # Linux's; macOS has none
CHUNK = 1_000_000  # bytes
SEGMENT, TARGET_SEGMENT = ".canvas", ".target"  # files of a run for which shared memory has no room


class Address(NamedTuple):
    """Where other processes on this machine find a memory."""

    path: str
    device: int  # of the file there: its creator may have closed it, and another one in its place
    inode: int


class Segment:
    """Bytes that this process has mapped: `buffer`. Other processes attach to its `address`."""

    shortage: str | None = None  # why it is a file although there is shared memory: a sentence

    def __init__(self, descriptor: int, path: str, size: int = 0, leftover: Path | None = None) -> None:
        """Map an open file and own its descriptor.

        size: bytes to take before. leftover: what to remove in the end. Raises OSError when there is no room.
        """
        self.address = _address(path, descriptor)
        self._descriptor = descriptor
        self._leftover = leftover
        try:
            if size:
                _reserve(descriptor, size)
            self.buffer = mmap.mmap(descriptor, 0)
        except BaseException:
            self._let_go()
            raise

    @classmethod
    def create(cls, size: int, folder: Path, name: str = "") -> Segment:
        """`size` zeros in shared memory or, when it has no room, in a hidden file in `folder`.

        name: of that file; a canvas's by default.

        The folder is this process's own: a file that a killed one has left there is replaced.
        Raises SpaceError when neither has room.
        """
        wanted, shortage, file = byte_count(size), "there is none", folder / (name or SEGMENT)
        file.unlink(missing_ok=True)  # and not emptied: who still has it would meet a SIGBUS
        if SHM_FOLDER.is_dir():
            try:
                return cls(*_nameless(size), size)
            except OSError as exc:
                shortage = reason(exc)
        try:
            memory = cls(*_named(file, size), size, leftover=file)
        except OSError as exc:
            raise SpaceError(
                f"{folder}: has no room for a canvas of {wanted} ({reason(exc)}), and shared memory has none "
                f"either ({SHM_FOLDER}: {shortage}); free some, or use a smaller --size."
            ) from exc
        if SHM_FOLDER.is_dir():
            memory.shortage = (
                f"{SHM_FOLDER}: shared memory has no room for a canvas of {wanted} ({shortage}), so it is a "
                f"file in the run folder; give a container more (docker run --shm-size)."
            )
        return memory

    @classmethod
    def attach(cls, address: Address) -> Segment:
        """Map what another process has created; FileNotFoundError when it has closed it."""
        return cls(_opened(address), address.path)

    def close(self) -> None:
        """Let go of the bytes; their creator also removes them. May be called twice."""
        if not self.buffer.closed:
            self.buffer.close()
            self._let_go()

    def _let_go(self) -> None:
        os.close(self._descriptor)
        if self._leftover is not None:
            self._leftover.unlink(missing_ok=True)


def _nameless(size: int) -> tuple[int, str]:
    """A new file in shared memory: its descriptor, and the path by which others reach it."""
    _check_room(SHM_FOLDER, size)
    descriptor = os.open(SHM_FOLDER, os.O_RDWR | os.O_TMPFILE, 0o600)
    path = f"/proc/{os.getpid()}/fd/{descriptor}"
    try:
        # /proc may be missing, or that of another pid namespace.
        os.close(_opened(_address(path, descriptor)))
    except OSError:
        os.close(descriptor)
        raise
    return descriptor, path


def _named(path: Path, size: int) -> tuple[int, str]:
    """A new file: its descriptor, and its path as text."""
    _check_room(path.parent, size)
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), str(path)


def _address(path: str, descriptor: int) -> Address:
    status = os.fstat(descriptor)
    return Address(path, status.st_dev, status.st_ino)


def _opened(address: Address) -> int:
    """A descriptor of the file at an address; FileNotFoundError when it is another one."""
    descriptor = os.open(address.path, os.O_RDWR)
    if _address(address.path, descriptor) != address:
        os.close(descriptor)
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), address.path)
    return descriptor


def _check_room(folder: Path, size: int) -> None:
    """OSError when there is not enough; to find out by filling it up would hurt the other programs there."""
    status = os.statvfs(folder)
    free = status.f_bavail * status.f_frsize
    if size > free and status.f_blocks:  # a tmpfs without a limit says 0 of 0
        raise OSError(errno.ENOSPC, f"{byte_count(free)} are free")


def _reserve(descriptor: int, size: int) -> None:
    """Write zeros: room that a later store finds missing would be a SIGBUS, and here it is an OSError."""
    zeros = memoryview(bytes(min(size, CHUNK)))
    while size:
        size -= os.write(descriptor, zeros[:size])
    os.fsync(descriptor)  # a network's file system may say only now that there is none
