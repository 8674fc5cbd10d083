"""IQuery: reading objects by id, by example, by text, and by HQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from napari_omero_io.sandbox.errors import ApiUsage, Invalid, NotAllowed
from napari_omero_io.sandbox.hql import find, project
from napari_omero_io.sandbox.schema.model import Kind
from napari_omero_io.sandbox.searching.finding import find_by_text, load_in_order
from napari_omero_io.sandbox.searching.language import read_query
from napari_omero_io.sandbox.searching.restriction import Restriction
from napari_omero_io.sandbox.wire.values import unbox_value

if TYPE_CHECKING:
    from napari_omero_io.sandbox.core import Call, Core
    from napari_omero_io.sandbox.schema.model import ModelClass
    from napari_omero_io.sandbox.sessions import SessionState


class QueryService:
    """What clients read metadata through."""

    def __init__(self, core: Core, session: SessionState) -> None:
        self._core = core

    def get(self, call: Call, klass: str, id: int) -> Any:
        """Read an object; it must be there."""
        found = self.find(call, klass, id)
        if found is None:
            java_name = self._core.model.resolve(klass).java_name
            raise Invalid(
                f"No row with the given identifier exists: [{java_name}#{id}]"
            )
        return found

    def find(self, call: Call, klass: str, id: int) -> Any:
        """Read an object; None if it is not there."""
        model_class = self._core.model.resolve(klass)
        text = f"select x from {model_class.name} x where x.id = :id"
        with self._core.database.read() as connection:
            found = find(connection, call, text, {"id": id})
            if found:
                return found[0]
            if self._exists(connection, model_class, id):
                raise NotAllowed(f"Cannot read {model_class.java_name}:Id_{id}")
        return None

    def findAll(self, call: Call, klass: str, filter: Any) -> list[Any]:
        """Read all objects of a class, or a part of them."""
        name = self._core.model.resolve(klass).name
        return self._find(call, f"select x from {name} x order by x.id", {}, filter)

    def findByExample(self, call: Call, example: Any) -> Any:
        """Read the one object that has the simple fields of an example."""
        return _only(self.findAllByExample(call, example, None))

    def findAllByExample(self, call: Call, example: Any, filter: Any) -> list[Any]:
        """Read the objects that have the simple fields of an example."""
        if example is None:
            raise ApiUsage("There is no example.")
        model_class = self._core.model.resolve(example.ice_id())
        values = {
            field.name: value
            for field in model_class.fields.values()
            if field.is_simple and field.kind is not Kind.BYTES
            if (value := unbox_value(getattr(example, f"_{field.name}"))) is not None
        }
        paths = {name: f"x.{name}" for name in values}
        for field in model_class.of_kind(Kind.UNIT):
            given = getattr(example, f"_{field.name}")
            if given is not None:
                value, unit = f"{field.name}_value", f"{field.name}_unit"
                values |= {value: given.getValue(), unit: str(given.getUnit())}
                paths |= {value: f"x.{field.name}.value", unit: f"x.{field.name}.unit"}
        conditions = " and ".join(f"{path} = :{name}" for name, path in paths.items())
        where = f" where {conditions}" if conditions else ""
        text = f"select x from {model_class.name} x{where} order by x.id"
        return self._find(call, text, values, filter)

    def findByString(self, call: Call, klass: str, field: str, value: str) -> Any:
        """Read the one object whose text is exactly this."""
        text = (
            f"select x from {self._owner_of(klass, field)} x where x.{field} = :value"
        )
        return _only(self._find(call, text, {"value": value}, None))

    def findAllByString(
        self,
        call: Call,
        klass: str,
        field: str,
        value: str,
        caseSensitive: bool,
        filter: Any,
    ) -> list[Any]:
        """Read the objects whose text contains this."""
        name = self._owner_of(klass, field)
        column = f"x.{field}" if caseSensitive else f"lower(x.{field})"
        pattern = f"%{value}%" if caseSensitive else f"%{value.lower()}%"
        text = f"select x from {name} x where {column} like :pattern order by x.id"
        return self._find(call, text, {"pattern": pattern}, filter)

    def findByQuery(self, call: Call, query: str, params: Any) -> Any:
        """Read the one object that a query selects."""
        return _only(self.findAllByQuery(call, query, params))

    def findAllByQuery(self, call: Call, query: str, params: Any) -> list[Any]:
        """Read the objects that a query selects."""
        return self._find(call, query, _named(params), _filter_of(params))

    def findAllByFullText(
        self, call: Call, klass: str, query: str, params: Any
    ) -> list[Any]:
        """Read the objects that have some words, the best first."""
        model_class = self._core.model.resolve(klass)
        words = read_query(query or "", allows_leading_wildcard=False)
        first, limit = _page(_filter_of(params))
        with self._core.database.read() as connection:
            ids = find_by_text(connection, call, model_class, words, (), Restriction())
            end = None if limit is None else first + limit
            return load_in_order(connection, call, model_class, ids[first:end])

    def projection(self, call: Call, query: str, params: Any) -> list[list[Any]]:
        """Read the values that a query selects, row by row.

        A row whose only value is null is empty, as OMERO.server sends it: Hibernate
        gives null for such a row, not a list with null, and `QueryImpl` and
        `IceMapper` pass it on.  OMERO.web's page of disk usage counts on it.
        """
        first, limit = _page(_filter_of(params))
        with self._core.database.read() as connection:
            rows = project(connection, call, query, _named(params), first, limit)
        return [[] if row == [None] else row for row in rows]

    def refresh(self, call: Call, iObject: Any) -> Any:
        """Read an object again."""
        if iObject is None or iObject._id is None:
            raise ApiUsage("An object without id cannot be refreshed.")
        return self.get(call, iObject.ice_id(), iObject._id._val)

    def _find(
        self, call: Call, text: str, parameters: dict[str, Any], filter_: Any
    ) -> list[Any]:
        first, limit = _page(filter_)
        with self._core.database.read() as connection:
            return find(connection, call, text, parameters, first, limit)

    def _exists(self, connection: Any, model_class: ModelClass, id_: int) -> bool:
        table = self._core.database.tables[model_class.name]
        query = select(table.c.id).where(table.c.id == id_)
        if "discriminator" in table.c:
            concrete = self._core.model.concrete(model_class)
            stored = [one.discriminator for one in concrete]
            query = query.where(table.c.discriminator.in_(stored))
        return connection.execute(query).first() is not None

    def _owner_of(self, klass: str, field: str) -> str:
        model_class = self._core.model.resolve(klass)
        known = model_class.fields.get(field)
        if known is None or known.kind is not Kind.STRING:
            raise ApiUsage(f"{model_class.name} has no text field {field}.")
        return model_class.name


def _named(params: Any) -> dict[str, Any]:
    return {} if params is None or params.map is None else params.map


def _filter_of(params: Any) -> Any:
    return None if params is None else params.theFilter


def _page(filter_: Any) -> tuple[int, int | None]:
    """Return offset and limit of a filter."""
    first = unbox_value(getattr(filter_, "offset", None))
    limit = unbox_value(getattr(filter_, "limit", None))
    if limit is not None and limit < 0:
        limit = None
    return max(first or 0, 0), limit


def _only(found: list[Any]) -> Any:
    """Return the only one of some objects, which may be named several times."""
    distinct = {id(one): one for one in found}
    if len(distinct) > 1:
        raise ApiUsage(
            f"Query finds more than one result ({len(distinct)}); one was expected."
        )
    return found[0] if found else None
