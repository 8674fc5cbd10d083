"""ITypes: the enumerations of OMERO's model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero.model
from omero.rtypes import rint, rstring
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from napari_omero_io.sandbox.errors import ApiUsage, Invalid
from napari_omero_io.sandbox.hql import find
from napari_omero_io.sandbox.rules.roles import require_admin
from napari_omero_io.sandbox.store.founding import original_enumerations
from napari_omero_io.sandbox.store.saving import delete_object, save

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from napari_omero_io.sandbox.core import Call, Core
    from napari_omero_io.sandbox.schema.model import ModelClass
    from napari_omero_io.sandbox.sessions import SessionState


class TypesService:
    """What clients read enumerations from; administrators may change them."""

    def __init__(self, core: Core, session: SessionState) -> None:
        self._core = core

    def allEnumerations(self, call: Call, class_name: str) -> list[Any]:
        """Return all values of an enumeration."""
        enumeration = self._enumeration(class_name)
        with self._core.database.read() as connection:
            query = f"select e from {enumeration.name} e order by e.id"
            return find(connection, call, query)

    def getEnumeration(self, call: Call, class_name: str, value: str) -> Any:
        """Return one value of an enumeration.

        Raises
        ------
        ApiUsage
            There is no such value.
        """
        enumeration = self._enumeration(class_name)
        query = f"select e from {enumeration.name} e where e.value = :value"
        with self._core.database.read() as connection:
            found = find(connection, call, query, {"value": value})
        if not found:
            raise ApiUsage(f"An enum was not found with the value: {value}")
        return found[0]

    def getEnumerationTypes(self, call: Call) -> list[str]:
        """Return the names of all enumerations."""
        return [one.java_name for one in self._enumerations()]

    def getEnumerationsWithEntries(self, call: Call) -> dict[str, list[Any]]:
        """Return all values of all enumerations, by name."""
        return {
            one.java_name: self.allEnumerations(call, one.name)
            for one in self._enumerations()
        }

    def getOriginalEnumerations(self, call: Call) -> list[Any]:
        """Return all values of all enumerations as a new server has them, unsaved."""
        return [
            _make_entry(name, row)
            for name, rows in sorted(original_enumerations().items())
            for row in rows
        ]

    def resetEnumerations(self, call: Call, class_name: str) -> None:
        """Give an enumeration its original values, in their order.

        Raises
        ------
        Invalid
            Something refers to a value that is to go.
        """
        enumeration = self._enumeration(class_name)
        require_admin(call.caller)
        rows = original_enumerations().get(enumeration.name, [])
        wanted = {row["value"] for row in rows}
        entries = self.allEnumerations(call, enumeration.name)
        present = {entry._value.val for entry in entries}
        with self._core.database.write() as connection:
            for entry in entries:
                if entry._value.val not in wanted:
                    delete_object(connection, call, entry)
            missing = [row for row in rows if row["value"] not in present]
            made = [_make_entry(enumeration.name, row) for row in missing]
            if made:
                save(connection, call, made)

    def getAnnotationTypes(self, call: Call) -> list[str]:
        """Return the names of all kinds of annotations."""
        model = self._core.model
        return sorted(one.java_name for one in model.concrete(model["Annotation"]))

    def createEnumeration(self, call: Call, entry: Any) -> Any:
        """Add a value."""
        self._enumeration(entry.ice_id())
        require_admin(call.caller)
        with self._core.database.write() as connection:
            return save(connection, call, [entry])[0]

    def updateEnumeration(self, call: Call, entry: Any) -> Any:
        """Change a value; wherever it is referred to it is the new one."""
        self.updateEnumerations(call, [entry])
        return self.getEnumeration(call, entry.ice_id(), entry._value.getValue())

    def updateEnumerations(self, call: Call, entries: Sequence[Any]) -> None:
        """Change several values.

        Raises
        ------
        Invalid
            One of them is there already, or is null.
        """
        require_admin(call.caller)
        with self._core.database.write() as connection:
            for entry in entries:
                enumeration = self._enumeration(entry.ice_id())
                if entry._id is None or entry._value is None:
                    raise Invalid(f"A {enumeration.name} needs an id and a value.")
                table = self._core.database.tables[enumeration.name]
                statement = update(table).where(table.c.id == entry._id.getValue())
                try:
                    connection.execute(statement.values(value=entry._value.getValue()))
                except IntegrityError as error:
                    raise Invalid(str(error.orig)) from error

    def deleteEnumeration(self, call: Call, entry: Any) -> None:
        """Delete a value that nothing refers to."""
        self._enumeration(entry.ice_id())
        require_admin(call.caller)
        if entry._id is None:
            raise ApiUsage("An enumeration without id cannot be deleted.")
        with self._core.database.write() as connection:
            delete_object(connection, call, entry)

    def _enumeration(self, class_name: str) -> ModelClass:
        found = self._core.model.resolve(class_name)
        if not found.is_enum:
            raise ApiUsage(f"{class_name} is not an enumeration.")
        return found

    def _enumerations(self) -> list[ModelClass]:
        found = [one for one in self._core.model.classes.values() if one.is_enum]
        return sorted(found, key=lambda one: one.java_name)


def _make_entry(class_name: str, row: Mapping[str, Any]) -> Any:
    made = getattr(omero.model, f"{class_name}I")()
    made._value = rstring(row["value"])
    if "bitSize" in row:
        made._bitSize = rint(row["bitSize"])
    return made
