"""IUpdate: saving and deleting objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_omero_io.sandbox.errors import ApiUsage, Invalid
from napari_omero_io.sandbox.rules.roles import require_admin
from napari_omero_io.sandbox.store.saving import delete_object, save, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_omero_io.sandbox.core import Call, Core
    from napari_omero_io.sandbox.sessions import SessionState


class UpdateService:
    """What clients write metadata through; each call is one transaction."""

    def __init__(self, core: Core, session: SessionState) -> None:
        self._core = core

    def saveObject(self, call: Call, object_: Any) -> None:
        """Save an object with everything that can be reached from it."""
        self.saveCollection(call, [object_])

    def saveCollection(self, call: Call, objects: Sequence[Any]) -> None:
        """Save several objects at once."""
        with self._core.database.write() as connection:
            write(connection, call, _present(objects))

    def saveArray(self, call: Call, objects: Sequence[Any]) -> None:
        """Save several objects at once."""
        self.saveCollection(call, objects)

    def saveAndReturnObject(self, call: Call, object_: Any) -> Any:
        """Save an object and return it as it is now."""
        if object_ is None:
            return None
        return self.saveAndReturnArray(call, [object_])[0]

    def saveAndReturnArray(self, call: Call, objects: Sequence[Any]) -> list[Any]:
        """Save several objects and return them in the same order."""
        with self._core.database.write() as connection:
            return save(connection, call, _present(objects))

    def saveAndReturnIds(self, call: Call, objects: Sequence[Any]) -> list[int]:
        """Insert several objects and return their ids; refuses those that have one."""
        objects = _present(objects)
        if any(one._loaded and one._id is not None for one in objects):
            raise ApiUsage("INSERTs only! An object has an id already.")
        with self._core.database.write() as connection:
            return [node.key[1] for node in write(connection, call, objects).roots]

    def deleteObject(self, call: Call, object_: Any) -> None:
        """Delete one object; refused while anything but links refers to it."""
        if object_ is None:
            return
        if object_._id is None:
            raise ApiUsage("An object without id cannot be deleted.")
        with self._core.database.write() as connection:
            delete_object(connection, call, object_)

    def indexObject(self, call: Call, object_: Any) -> None:
        """Accept that an object be indexed: queries find it without an index."""
        require_admin(call.caller)
        if object_ is None or object_._id is None:
            raise Invalid("Only an object with an id can be indexed.")


def _present(objects: Sequence[Any] | None) -> list[Any]:
    return [one for one in objects or () if one is not None]
