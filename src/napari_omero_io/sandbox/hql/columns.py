"""The select clause: which columns of SQL answer what is selected."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from napari_omero_io.sandbox.errors import IllegalQuery
from napari_omero_io.sandbox.schema.model import Kind

from . import tree
from .places import Collection, PermissionsOf, Reference, Source, UnitValue
from .selection import (
    ClassNamed,
    Entity,
    Listing,
    Mapping,
    Rights,
    Scalar,
    Selected,
    WithUnit,
)
from .text import write_part
from .typed import Special

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement, FromClause

    from napari_omero_io.sandbox.schema.model import ModelClass

    from .expressions import Expressions
    from .typed import Typed

#: An entity under a name that ends so in ``new map(…)`` stands for its permissions.
_PERMISSIONS_ALIAS = "_details_permissions"


class Columns:
    """The columns of a statement, each once, in the order they were asked for."""

    def __init__(self, expressions: Expressions) -> None:
        self._expressions = expressions
        self.sqls: list[ColumnElement[Any]] = []
        #: The rows of which everything is selected.
        self.whole: list[FromClause] = []
        #: What the names given by ``as`` stand for, for the order.
        self.named: dict[str, list[ColumnElement[Any]]] = {}

    def position(self, sql: ColumnElement[Any]) -> int:
        """Return where a column is in the row; add it when it is new."""
        for position, known in enumerate(self.sqls):
            if known is sql:
                return position
        self.sqls.append(sql)
        return len(self.sqls) - 1

    def select(self, item: tree.Item) -> Selected:
        """Add what one item of the select clause needs."""
        node = item.expression
        if isinstance(node, tree.NewList):
            return Listing(tuple(self._select_entry(one) for one in node.items))
        if isinstance(node, tree.NewMap):
            return Mapping(
                tuple(
                    (one.alias or str(number), self._select_entry(one))
                    for number, one in enumerate(node.items)
                )
            )
        scope = self._expressions.scope
        if isinstance(node, tree.Members):
            return self._select_members(node)
        place = self._expressions.place(node)
        match place:
            case Reference():
                return self.entity(scope.join_implied(place))
            case Collection():
                found = self.entity(scope.join_elements(place))
                return replace(found, is_element=True)
            case Source():
                return self.entity(place)
            case UnitValue():
                value, unit = self.position(place.value), self.position(place.unit)
                if item.alias is not None:
                    self.named[item.alias] = [place.value, place.unit]
                return WithUnit(value, unit, str(place.field.target))
            case PermissionsOf(source):
                return self._rights(source)
        typed = self._expressions.value(node)
        if typed.kind is Special.UNKNOWN:
            raise IllegalQuery(f"No data type for node: {write_part(node)}")
        if item.alias is not None:
            self.named[item.alias] = [typed.sql]
        position = self.position(typed.sql)
        if typed.kind is Special.CLASS:
            return ClassNamed(position)
        extreme_of = self._class_of_extreme(node)
        if extreme_of is not None:
            return Entity(position, extreme_of)
        return Scalar(position, typed.kind)

    def _select_members(self, node: tree.Members) -> Selected:
        scope = self._expressions.scope
        place = self._expressions.place(node.place)
        if not isinstance(place, Collection):
            raise IllegalQuery(f"{node.word}(…) is asked of a collection")
        elements = scope.join_elements(place)
        if node.word == "elements":
            return self.entity(elements)
        index = scope.find_index(elements)
        if index is None:
            raise IllegalQuery(f"{place.field.name} is not ordered")
        return Scalar(self.position(index), Kind.INT)

    def _class_of_extreme(self, node: tree.Expression) -> ModelClass | None:
        """Return the class of the object that ``max(x)`` finds by its id."""
        if isinstance(node, tree.Call) and node.name in {"min", "max"}:
            (argument,) = node.arguments
            if isinstance(argument, tree.Members):
                return self._class_of_elements(argument.place)
            match self._expressions.place(argument):
                case Source(model_class=model_class):
                    return model_class
                case Reference(target=target):
                    return target
        if isinstance(node, tree.Call) and node.name in {"minelement", "maxelement"}:
            return self._class_of_elements(node.arguments[0])
        return None

    def _class_of_elements(self, node: tree.Expression) -> ModelClass | None:
        place = self._expressions.place(node)
        if not isinstance(place, Collection):
            return None
        return self._expressions.scope.tables.model[str(place.field.target)]

    def find_by_number(
        self, number: int, selected: tuple[Selected, ...]
    ) -> ColumnElement[Any]:
        """Return what a number stands for: ``order by 2``.

        Raises
        ------
        IllegalQuery
            So many are not selected, or it is more than one column.
        """
        listed = selected
        if selected and isinstance(selected[0], Mapping):
            listed = tuple(one for _, one in selected[0].items)
        if not 0 < number <= len(listed):
            raise IllegalQuery(f"ORDER BY position {number} is not in select list")
        one = listed[number - 1]
        if isinstance(one, Rights | Mapping | Listing):
            raise IllegalQuery(f"{number} stands for more than one column")
        return self.sqls[one.position]

    def entity(self, source: Source) -> Entity:
        """Add what an object needs: its id."""
        self.whole.append(source.rows)
        return Entity(self.position(source.rows.c.id), source.model_class)

    def _select_entry(self, item: tree.Item) -> Selected:
        if item.alias is not None and item.alias.endswith(_PERMISSIONS_ALIAS):
            place = self._expressions.place(item.expression)
            if isinstance(place, Reference):
                place = self._expressions.scope.join_implied(place)
            if isinstance(place, Source):
                return self._rights(place)
        selected = self.select(item)
        if isinstance(selected, Entity) and self._is_referred(item.expression):
            return replace(selected, is_proxy=not selected.model_class.is_abstract)
        return selected

    def _is_referred(self, node: tree.Expression) -> bool:
        """Tell whether a reference leads to an object, written out or joined.

        Hibernate reads such an entry of a map by its type, that of a reference.
        """
        place = self._expressions.place(node)
        return isinstance(place, Reference) or (
            isinstance(place, Source) and place.is_referred
        )

    def _rights(self, source: Source) -> Rights:
        columns = source.rows.c
        names = ["id", *(n for n in ("owner_id", "group_id") if n in columns)]
        if source.model_class.name == "ExperimenterGroup":
            names.append("permissions")
        positions = tuple(self.position(columns[name]) for name in names)
        return Rights(positions, source.model_class)


def select_subselect(
    expressions: Expressions, items: Iterable[tree.Item]
) -> list[Typed]:
    """Compile what a sub-select selects; objects count as their ids."""
    found = []
    for item in items:
        place = expressions.place(item.expression)
        match place:
            case Reference():  # rows without it do not count: NULL would hide others
                place = expressions.scope.join_implied(place)
            case Collection():
                place = expressions.scope.join_elements(place)
        if isinstance(place, Source):
            found.append(expressions.identity(place))
        else:
            found.append(expressions.value(item.expression))
    return found
