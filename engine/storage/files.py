"""Files below a folder that may be a stranger's: no link is followed there, and only plain files are opened.

Every path has two parts: a folder, which its user has named and which may be reached by links, and a name in
it, which is looked up from the folder's descriptor (openat) and never leads out of it.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from engine.regular_files import check_regular, too_large

PART = ".part"  # of a file that is being written


@contextmanager
def parent_of(folder: Path, name: str, make: bool = False) -> Iterator[tuple[int, str]]:
    """A descriptor of the folder that a name lies in, and the name's last part; OSError.

    make: folders in between that are missing.
    """
    *above, last = Path(name).parts
    if last == ".." or ".." in above or Path(name).is_absolute():
        raise OSError(errno.EINVAL, "it lies outside", str(folder / name))
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in above:
            if make:
                with suppress(FileExistsError):
                    os.mkdir(part, dir_fd=descriptor)
            inner = _opened(descriptor, part, os.O_RDONLY | os.O_DIRECTORY)
            os.close(descriptor)
            descriptor = inner
        yield descriptor, last
    finally:
        os.close(descriptor)


def open_plain(folder: Path, name: str, flags: int, most: int | None = None) -> int:
    """A descriptor of a plain file; OSError for anything else, and for one of more bytes than `most`.

    flags: as for os.open. A file that is written to must have no other name, which might lie elsewhere.
    """
    with parent_of(folder, name, make=bool(flags & os.O_CREAT)) as (parent, last):
        descriptor = _opened(parent, last, flags)
    try:
        state, is_written = os.fstat(descriptor), bool(flags & (os.O_WRONLY | os.O_RDWR))
        check_regular(state, folder / name, most)
        if is_written and state.st_nlink > 1:
            raise OSError(errno.EMLINK, "a file with another name elsewhere, a hard link", str(folder / name))
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


@contextmanager
def opened(folder: Path, name: str, most: int | None = None) -> Iterator[IO[bytes]]:
    """Read a plain file; OSError as of `open_plain`."""
    with os.fdopen(open_plain(folder, name, os.O_RDONLY, most), "rb") as file:
        yield file


def read(folder: Path, name: str, most: int) -> bytes:
    """All of a plain file; OSError as of `open_plain`."""
    with opened(folder, name, most) as file:
        content = file.read(most + 1)
    if len(content) > most:  # it has grown meanwhile
        raise too_large(folder / name, most)
    return content


@contextmanager
def replacing(folder: Path, name: str, durable: bool = False) -> Iterator[IO[bytes]]:
    """Write a file under a temporary name, which takes its place when the block ends well; OSError.

    durable: it survives a power cut then. A link of that name is replaced, not followed.
    """
    with parent_of(folder, name, make=True) as (parent, last):
        temporary = f".{secrets.token_hex(4)}{PART}"
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(temporary, flags, 0o666, dir_fd=parent)
        try:
            with os.fdopen(descriptor, "w+b") as file:
                yield file
                if durable:
                    file.flush()
                    os.fsync(file.fileno())
            os.replace(temporary, last, src_dir_fd=parent, dst_dir_fd=parent)
            if durable:
                os.fsync(parent)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(temporary, dir_fd=parent)


@contextmanager
def replacing_folder(folder: Path, name: str) -> Iterator[Path]:
    """Fill a folder under a temporary name, which takes its place when the block ends well; OSError.

    What lies there under that name goes, whatever it is.
    """
    with parent_of(folder, name) as (parent, last):
        temporary, before = (f".{secrets.token_hex(4)}{PART}" for _ in range(2))
        os.mkdir(temporary, dir_fd=parent)
        try:
            yield (folder / name).parent / temporary
            with suppress(FileNotFoundError):  # a folder with something in it can't be replaced
                os.rename(last, before, src_dir_fd=parent, dst_dir_fd=parent)
            os.rename(temporary, last, src_dir_fd=parent, dst_dir_fd=parent)
        finally:
            for each in (temporary, before):
                remove(folder, str(Path(name).parent / each))


def remove(folder: Path, name: str) -> None:
    """Remove a file, a link, or a folder with all that is in it, if it is there; OSError."""
    with suppress(FileNotFoundError), parent_of(folder, name) as (parent, last):
        if stat.S_ISDIR(os.stat(last, dir_fd=parent, follow_symlinks=False).st_mode):
            shutil.rmtree(last, dir_fd=parent)
        else:
            os.unlink(last, dir_fd=parent)


def rename(folder: Path, name: str, to: str) -> None:
    """Give a file another name in the same folder; OSError."""
    with parent_of(folder, name) as (parent, last):
        os.replace(last, to, src_dir_fd=parent, dst_dir_fd=parent)


def sync(folder: Path, name: str) -> None:
    """Make sure that a file and the folder that it lies in survive a power cut; OSError."""
    with parent_of(folder, name) as (parent, last):
        descriptor = _opened(parent, last, os.O_RDONLY)
        try:
            os.fsync(descriptor)
            os.fsync(parent)
        finally:
            os.close(descriptor)


def names_in(folder: Path, name: str) -> list[str]:
    """What lies in a folder of a folder, sorted; OSError. A link is none."""
    with parent_of(folder, f"{name}/x") as (descriptor, _):
        return sorted(os.listdir(descriptor))  # noqa: PTH208 - not by its path


def state_of(folder: Path, name: str) -> os.stat_result | None:
    """That of a file itself, whatever it is; None when there is none, or when nobody may look."""
    try:
        with parent_of(folder, name) as (parent, last):
            return os.stat(last, dir_fd=parent, follow_symlinks=False)
    except (OSError, ValueError):
        return None


def is_plain(folder: Path, name: str) -> bool:
    """Whether there is a plain file of that name."""
    state = state_of(folder, name)
    return state is not None and stat.S_ISREG(state.st_mode)


def _opened(parent: int, name: str, flags: int) -> int:
    """Not waiting for whoever is at the other end of a pipe."""
    try:
        return os.open(name, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o666, dir_fd=parent)
    except OSError as exc:
        if exc.errno in (errno.ELOOP, errno.ENOTDIR, errno.EMLINK) and _is_link(parent, name):
            raise OSError(errno.ELOOP, "a symbolic link") from exc
        if exc.errno == errno.ENXIO:
            raise OSError(errno.EINVAL, "a device, pipe or socket") from exc
        raise


def _is_link(parent: int, name: str) -> bool:
    try:
        return stat.S_ISLNK(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode)
    except OSError:
        return False
