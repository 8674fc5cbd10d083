"""Tables on OMERO's own storage: the HDF5 code of omero-py, one file for each table.

That code needs PyTables, which the extra ``tables`` brings.  It holds one storage
for each file, whoever has it open, behind one lock for the whole process; another
process that opens the same file is told to try again.
"""

from __future__ import annotations

import importlib.util
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import omero
import omero.all
from omero.columns import ObjectFactories

from napari_omero_io.sandbox.errors import Locked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_HDF5_LOCKED = "unable to lock the file"


@cache
def is_available() -> bool:
    """Tell whether PyTables is installed."""
    return importlib.util.find_spec("tables") is not None


def register_columns(communicator: Any) -> None:
    """Let columns arrive from clients as those that the storage can write."""
    if is_available():
        for factory in ObjectFactories.values():
            factory.register(communicator)


@contextmanager
def open_storage(path: Path, user: object) -> Iterator[Any]:
    """Hold the storage of a table; it is closed when its last user lets go.

    Yields
    ------
    An `omero.hdfstorageV2.HdfStorage`, shared by all users of the file.

    Raises
    ------
    Locked, omero.LockTimeout
        Another process has the file open.
    omero.ValidationException
        The file is not a table.
    """
    from omero.hdfstorageV2 import HDFLIST

    try:
        storage = HDFLIST.getOrCreate(str(path), user)
    except omero.ValidationException as error:
        # Newer HDF5 locks files itself, before OMERO's storage does.
        if _HDF5_LOCKED in str(error.message):
            raise Locked(f"Cannot acquire exclusive lock on: {path}", 0) from error
        raise
    try:
        yield storage
    finally:
        storage.decr(user)


@dataclass(frozen=True, slots=True)
class Factories:
    """Makes columns by the id of their type, as a communicator would."""

    by_type: Mapping[str, Any] = field(
        default_factory=lambda: {
            kind.ice_staticId(): factory for kind, factory in ObjectFactories.items()
        }
    )

    def getCommunicator(self) -> Factories:
        """Return the communicator that an adapter belongs to."""
        return self

    def findObjectFactory(self, type_id: str) -> Any:
        """Return what makes objects of a type, or None."""
        return self.by_type.get(type_id)


@dataclass(frozen=True, slots=True)
class Current:
    """What the storage wants to know of the call: its context, and a column maker."""

    ctx: Mapping[str, str]
    adapter: Factories = field(default_factory=Factories)
