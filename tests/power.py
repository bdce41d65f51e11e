"""A disk whose power can be cut: SQLite's own files, with every write remembered until it was synced.

A layer between SQLite and the operating system (a VFS that hands everything on to the real one) keeps a list of what
was written, cut short and synced, in order. From the list any moment can be played: what had been synced lies on the
disk, of the rest nothing or, torn, some. It shows what the product asks of the disk and whether that is enough. It does
not show a disk or a controller that says “synced” and lies, nor a file system that loses whole files.
"""

import _sqlite3
import ctypes
import random
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_P, _I, _L = ctypes.c_void_p, ctypes.c_int, ctypes.c_longlong
_OPEN = ctypes.CFUNCTYPE(_I, _P, _P, _P, _I, _P)
_WRITE = ctypes.CFUNCTYPE(_I, _P, _P, _I, _L)
_TRUNCATE = ctypes.CFUNCTYPE(_I, _P, _L)
_SYNC = ctypes.CFUNCTYPE(_I, _P, _I)
_FORGOTTEN: list[Any] = []
"""What SQLite may still call after a test: it must stay where it is."""


class _Vfs(ctypes.Structure):
    _fields_ = (
        *((name, _I) for name in ("version", "size", "longest")),
        *((name, _P) for name in ("next", "name", "data", "open")),
        ("rest", _P * 15),
    )


class _Methods(ctypes.Structure):
    _fields_ = (
        ("version", _I),
        *((name, _P) for name in ("close", "read", "write", "truncate", "sync")),
        ("rest", _P * 13),
    )


@dataclass
class Disk:
    """What happened to the files, in order: (path, offset, bytes), (path, length, None) or (path, -1, None): synced."""

    base: dict[str, bytes] = field(default_factory=dict)
    happened: list[tuple[str, int, bytes | None]] = field(default_factory=list)

    def moment(self) -> int:
        """Now, as a number for `after`."""
        return len(self.happened)

    def after(self, cut: int, torn: random.Random | None = None) -> dict[str, bytes]:
        """What lies on the disk when the power went at this moment: synced, and of the rest nothing or some."""
        there = {path: bytearray(content) for path, content in self.base.items()}
        waiting: dict[str, list[tuple[int, bytes | None]]] = {}
        for path, at, what in self.happened[:cut]:
            if at >= 0:
                waiting.setdefault(path, []).append((at, what))
                continue
            _apply(there.setdefault(path, bytearray()), waiting.pop(path, []))
        if torn is not None:
            for path, left in waiting.items():
                _apply(there.setdefault(path, bytearray()), [one for one in left if torn.random() < 0.5])
        return {path: bytes(content) for path, content in there.items()}


def _apply(content: bytearray, changes: list[tuple[int, bytes | None]]) -> None:
    for at, what in changes:
        if what is None:
            del content[at:]
        else:
            content.extend(bytes(max(0, at - len(content))))
            content[at : at + len(what)] = what


@contextmanager
def disk(folder: Path) -> Iterator[Disk]:
    """Whatever SQLite opens from now on in this folder lies on a disk that remembers.

    Nobody may have the files open yet: reading one and closing it would take away this process's locks on it.
    """
    library = ctypes.CDLL(_sqlite3.__file__)
    find = library.sqlite3_vfs_find
    find.restype = ctypes.POINTER(_Vfs)
    real, paths = find(None), {}
    kept = Disk({str(file): file.read_bytes() for file in folder.iterdir() if not file.name.endswith("-shm")})
    tables: dict[int, _Methods] = {}

    def watched(address: int) -> _Methods:
        """The methods of a kind of file, three of them ours."""
        if address not in tables:
            theirs = _Methods.from_address(address)
            ours = _Methods.from_buffer_copy(theirs)
            write, truncate, sync = _WRITE(theirs.write), _TRUNCATE(theirs.truncate), _SYNC(theirs.sync)

            @_WRITE
            def on_write(file: int, buffer: int, amount: int, offset: int) -> int:
                kept.happened.append((paths[file], offset, ctypes.string_at(buffer, amount)))
                return write(file, buffer, amount, offset)

            @_TRUNCATE
            def on_truncate(file: int, length: int) -> int:
                kept.happened.append((paths[file], length, None))
                return truncate(file, length)

            @_SYNC
            def on_sync(file: int, flags: int) -> int:
                code = sync(file, flags)
                kept.happened.append((paths[file], -1, None))
                return code

            for name, called in (("write", on_write), ("truncate", on_truncate), ("sync", on_sync)):
                setattr(ours, name, ctypes.cast(called, _P))
                _FORGOTTEN.append(called)
            tables[address] = ours
        return tables[address]

    opening = _OPEN(real.contents.open)

    @_OPEN
    def on_open(vfs: int, name: int | None, file: int, flags: int, out: int) -> int:
        # SQLite keeps the address of the name: it must be handed on as it came, never as a copy of ours.
        path = ctypes.string_at(name).decode() if name else ""
        ours = Path(path).parent == folder
        code = opening(vfs, name, file, flags, out)
        methods = _P.from_address(file)
        if ours and code == 0 and methods.value:
            paths[file] = path
            methods.value = ctypes.addressof(watched(methods.value))
        return code

    layer = _Vfs.from_buffer_copy(real.contents)
    name = ctypes.create_string_buffer(b"kizuki-power")
    layer.name, layer.open = ctypes.addressof(name), ctypes.cast(on_open, _P)
    _FORGOTTEN.extend((layer, name, on_open, opening, tables, watched))
    library.sqlite3_vfs_register(ctypes.byref(layer), 1)
    try:
        yield kept
    finally:
        library.sqlite3_vfs_register(real, 1)


def restarted(files: dict[str, bytes], folder: Path, name: str) -> sqlite3.Connection:
    """The database as it comes up again after the cut."""
    folder.mkdir(parents=True)
    for path, content in files.items():
        if Path(path).name.startswith(name):
            (folder / Path(path).name).write_bytes(content)
    return sqlite3.connect(folder / name)
