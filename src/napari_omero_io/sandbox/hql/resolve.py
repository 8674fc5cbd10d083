"""Names → places: aliases, properties, joins written out and joins implied.

``x.ref.id`` is the reference's own column.  Any further step is an inner join that
acts on the whole statement, wherever it is written; within the place of an explicit
join the steps before the last are joined in the way of that join.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from sqlalchemy import and_, exists

from napari_omero_io.sandbox.errors import IllegalQuery

from . import tree
from .join_order import JoinOrder
from .places import (
    ClassName,
    Collection,
    Counts,
    DetailsOf,
    Fetch,
    Meaning,
    Pair,
    Pairs,
    Reference,
    Source,
    UnitValue,
)
from .steps import find_column, find_word, has_property, permissions_of, take_step
from .text import write_part
from .with_clause import check_condition

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, FromClause, Table

    from napari_omero_io.sandbox.schema.model import ModelClass
    from napari_omero_io.sandbox.schema.tables import Tables

#: The conditions that rows must meet to be seen.
Filter: TypeAlias = Callable[[Source], "Iterator[ColumnElement[bool]]"]
#: How the condition behind ``with`` becomes SQL.
Condition: TypeAlias = Callable[[tree.Expression], "ColumnElement[bool]"]


@dataclass(slots=True, eq=False)
class Scope:
    """The names that one statement knows, and the rows it goes through.

    Parameters
    ----------
    outer
        The scope of the statement around a sub-select.

    Attributes
    ----------
    conditions
        What the from clause asks of the where clause.
    is_selecting
        The select clause is being read, which decides on the place of joins that
        it implies.
    """

    tables: Tables
    seen: Filter
    outer: Scope | None = None
    roots: list[Source] = field(default_factory=list)
    joined: list[Source | Pair] = field(default_factory=list)
    fetches: list[Fetch] = field(default_factory=list)
    conditions: list[ColumnElement[bool]] = field(default_factory=list)
    is_selecting: bool = False
    _aliased: dict[str, int] = field(default_factory=dict)
    _aliases: dict[str, Meaning] = field(default_factory=dict)
    _chains: dict[Source | Pair, FromClause] = field(default_factory=dict)
    _origins: dict[Source | Pair, Source | Pair] = field(default_factory=dict)
    _indexes: dict[Source | Pair, ColumnElement[int]] = field(default_factory=dict)
    _implied: dict[tuple[Source, str, str], Source] = field(default_factory=dict)
    _order: JoinOrder = field(default_factory=JoinOrder)
    _is_in_from: bool = False
    #: How many classes, references and collections the from clause names.
    _written: int = 0

    def add_root(self, root: tree.Root) -> Source:
        """Go through the rows of a class that the from clause names."""
        self._written += 1
        model_class = self._find_class(root.class_name)
        if model_class is None:
            return self._add_collection(root)
        source = self._make_source(model_class, is_root=True)
        self.roots.append(source)
        self._chains[source] = source.rows
        self._order.add_root(source)
        self._origins[source] = source
        self.conditions.extend(self._restrict(source))
        if root.alias in self._aliases:
            raise IllegalQuery(f"Duplicate definition of alias '{root.alias}'")
        self._name(root.alias, source)
        return source

    def _add_collection(self, root: tree.Root) -> Source:
        """Go through a collection of a statement around: ``from i.pixels p``."""
        parts = tuple(root.class_name.split("."))
        known = self._find_alias(parts[0]) is not None
        place = self._follow(parts, "inner") if known else None
        if not isinstance(place, Collection):
            reason = f"{root.class_name} is not mapped"
            raise IllegalQuery(reason, root.class_name)
        source = self.join_elements(place)
        self._name(root.alias, source)
        return source

    def add_join(self, join: tree.Join, compile_condition: Condition) -> Meaning:
        """Follow a place of the from clause.

        Components (units, details) join nothing; they only get a name.
        """
        if not isinstance(join.place, tree.Path) or len(join.place.parts) < 2:
            raise IllegalQuery(f"Path expected for join: {write_part(join.place)}")
        if join.kind in {"full", "cross"}:
            raise IllegalQuery(f"undefined join type {join.kind}")
        *before, last = join.place.parts
        self._is_in_from = True
        try:
            start = self._follow(tuple(before), join.kind)
            place = self._step(start, last, join.kind)
        except IllegalQuery as error:
            error.subject = str(join.place)
            raise
        joined = self._join(join, place, compile_condition)
        self._is_in_from = False
        return joined

    def _join(
        self, join: tree.Join, place: Meaning, compile_condition: Condition
    ) -> Meaning:
        self._written += not isinstance(place, UnitValue | DetailsOf)
        match place:
            case Reference() | Collection() | Pairs():
                child, conditions = self.open_place(place)
                self._name(join.alias, child)
                if isinstance(place, Pairs):
                    self._refuse_fetched(place)
                if join.condition is not None:
                    check_condition(join.condition, child, self.resolve)
                    conditions.append(compile_condition(join.condition))
                self._attach(place.source, child, join.kind, conditions)
                if join.fetch:
                    self._fetch(place, child, join)
                return child
            case Counts() | UnitValue() | DetailsOf():
                self._name(join.alias, place)
                if isinstance(place, Counts):
                    self._count(place, join)
                return place
        raise IllegalQuery(f"{join.place} is nothing that can be joined")

    def check_joins(self) -> None:
        """Refuse joins in an order that PostgreSQL cannot read, when all are known.

        Raises
        ------
        IllegalQuery
            See `JoinOrder`.
        """
        self._order.check()

    def resolve(self, path: tree.Path) -> Meaning:
        """Look a name up.

        Raises
        ------
        IllegalQuery
            Nothing is called so.
        """
        try:
            return self._follow(path.parts, "inner")
        except IllegalQuery as error:
            error.subject = error.subject or str(path)
            raise

    def join_implied(self, reference: Reference) -> Source:
        """Join what a reference leads to, once for the whole statement."""
        return self._imply(reference, "inner")

    def join_elements(self, place: Collection) -> Source:
        """Join all elements of a collection."""
        child = self.join_members(place)
        assert isinstance(child, Source)
        return child

    def join_members(self, place: Collection | Pairs) -> Source | Pair:
        """Join all elements of a collection, or all pairs of a map."""
        child, conditions = self.open_place(place)
        self._attach(place.source, child, "inner", conditions)
        return child

    def join_element(self, place: Collection, index: ColumnElement[int]) -> Source:
        """Join one element of an ordered collection."""
        child, conditions = self.open_place(place)
        assert isinstance(child, Source)
        back = child.model_class.fields[str(place.field.back)]
        conditions.append(child.rows.c[self.tables.index_name(back)] == index)
        self._attach(place.source, child, "inner", conditions)
        return child

    def find_index(self, place: Source | Pair) -> ColumnElement[int] | None:
        """Return the place of elements in the ordered collection that was joined."""
        scope: Scope | None = self
        while scope is not None:
            if place in scope._indexes:
                return scope._indexes[place]
            scope = scope.outer
        return None

    def step(self, place: Meaning, name: str) -> Meaning:
        """Take one more step from a place."""
        return self._step(place, name, "inner")

    def from_clauses(self) -> Iterator[FromClause]:
        """Go through what stands in the from clause of the statement."""
        return iter(self._chains.values())

    def outer_rows(self) -> Iterator[FromClause]:
        """Go through the rows of the statements around this one."""
        scope = self.outer
        while scope is not None:
            for source in (*scope.roots, *scope.joined):
                yield source.rows
            scope = scope.outer

    def _follow(self, parts: tuple[str, ...], kind: str) -> Meaning:
        place = self._find_alias(parts[0])
        if place is None:
            named = self._find_class(".".join(parts))
            if named is not None:
                return ClassName(named)
            place = self._find_bare(parts[0])
        if place is None:
            raise IllegalQuery(f"Invalid path: '{'.'.join(parts)}'")
        for name in parts[1:]:
            place = self._step(place, name, kind)
        return place

    def _step(self, place: Meaning, name: str, kind: str) -> Meaning:
        if isinstance(place, Reference) and name != "id":
            place = self._imply(place, kind)
        return take_step(self.tables, place, name)

    def _find_class(self, name: str) -> ModelClass | None:
        """Find a class by the names that the server's own language has."""
        found = self.tables.model.find(name)
        return found if found and name in {found.name, found.java_name} else None

    def permissions(self, source: Source) -> ColumnElement[int]:
        """Return the permissions of a row as a number."""
        return permissions_of(self.tables, source)

    def _find_alias(self, name: str) -> Meaning | None:
        scope: Scope | None = self
        while scope is not None:
            if name in scope._aliases:
                return scope._aliases[name]
            scope = scope.outer
        return None

    def _find_bare(self, name: str) -> Meaning | None:
        """Find a property, or else a column, that is written without an alias.

        Hibernate knows properties so as long as the from clause names one class and
        joins nothing. Any other word it hands to PostgreSQL, which looks for a column.
        """
        if self._written == 1 and self.roots:
            (root,) = self.roots
            if has_property(self.tables, root, name):
                return take_step(self.tables, root, name)
        scope: Scope | None = self
        while scope is not None:
            sources = (*scope.roots, *scope.joined)
            columns = (find_column(one, name) for one in sources)
            found = [column for column in columns if column is not None]
            if len(found) > 1:
                raise IllegalQuery(f'column reference "{name}" is ambiguous')
            if found:
                return found[0]
            scope = scope.outer
        return find_word(name)

    def _name(self, alias: str | None, meaning: Meaning) -> None:
        """Give rows a name; of two joins by one name Hibernate keeps the later."""
        if alias is not None:
            self._aliases[alias] = meaning

    def _make_source(self, model_class: ModelClass, *, is_root: bool = False) -> Source:
        rows = self._alias(self.tables[model_class.name])
        return Source(rows, model_class, is_root)

    def _alias(self, table: Table) -> FromClause:
        """Return an alias that the whole statement has not used yet."""
        scope = self
        while scope.outer is not None:
            scope = scope.outer
        number = scope._aliased.get(table.name, 0) + 1
        scope._aliased[table.name] = number
        return _numbered_alias(table, number)

    def _restrict(self, source: Source) -> Iterator[ColumnElement[bool]]:
        """Say which rows of a table are of the class, and may be seen."""
        if source.model_class.ancestors:
            concrete = self.tables.model.concrete(source.model_class)
            stored = [one.discriminator for one in concrete]
            yield source.rows.c.discriminator.in_(stored)
        yield from self.seen(source)

    def _fetch(
        self,
        place: Reference | Collection | Pairs,
        child: Source | Pair,
        join: tree.Join,
    ) -> None:
        """Note what a fetch join loads."""
        if self.outer is not None:
            raise IllegalQuery("fetch not allowed in subquery from-elements")
        if join.condition is not None:
            raise IllegalQuery("with-clause not allowed on fetched associations")
        field_ = None if isinstance(place, Reference) else place.field
        self.fetches.append(Fetch(place.source, child, field_))

    def _refuse_fetched(self, place: Pairs) -> None:
        """Refuse to join a map of what is fetched: Hibernate loses its way there."""
        if any(fetch.child is place.source for fetch in self.fetches):
            raise IllegalQuery(
                f"The map {place.field.name} of an object that is fetched itself "
                "cannot be joined"
            )

    def _count(self, place: Counts, join: tree.Join) -> None:
        """Fetch counts of links; an inner join leaves out what has none."""
        if join.fetch:
            self.fetches.append(Fetch(place.source, None, place.field))
        if join.kind == "inner":
            links = Collection(place.source, place.field)
            child, conditions = self.open_place(links)
            some = exists().where(*conditions).correlate_except(child.rows)
            self.conditions.append(some)

    def _imply(self, reference: Reference, kind: str) -> Source:
        key = (reference.source, reference.name, kind)
        if key not in self._implied:
            child, conditions = self.open_place(reference)
            self._attach(reference.source, child, kind, conditions)
            assert isinstance(child, Source)
            self._implied[key] = child
        return self._implied[key]

    def open_place(
        self, place: Reference | Collection | Pairs
    ) -> tuple[Source | Pair, list[ColumnElement[bool]]]:
        """Return what a place leads to, and which of it belongs to the place."""
        if isinstance(place, Pairs):
            pair = Pair(self._alias(self.tables.pairs(place.field)), place.field)
            self._indexes[pair] = pair.rows.c.index
            return pair, [pair.rows.c.parent_id == place.source.rows.c.id]
        if isinstance(place, Reference):
            source = replace(self._make_source(place.target), is_referred=True)
            on = source.rows.c.id == place.key
        else:
            source = self._make_source(self.tables.model[str(place.field.target)])
            on = self.back_reference(source, place) == place.source.rows.c.id
            if place.field.is_ordered:
                back = source.model_class.fields[str(place.field.back)]
                self._indexes[source] = source.rows.c[self.tables.index_name(back)]
        return source, [on, *self._restrict(source)]

    def back_reference(self, source: Source, place: Collection) -> ColumnElement[int]:
        """Return the column by which the elements of a collection know its owner."""
        back = source.model_class.fields[str(place.field.back)]
        return source.rows.c[self.tables.column_name(back)]

    def _attach(
        self,
        parent: Source,
        child: Source | Pair,
        kind: str,
        conditions: list[ColumnElement[bool]],
    ) -> None:
        self.joined.append(child)
        origin = self._origins.get(parent)
        if origin is None:  # of a statement around this one
            self._origins[child] = child
            self._chains[child] = child.rows
            self.conditions.extend(conditions)
            return
        self._origins[child] = origin
        if self._is_in_from or self.is_selecting:
            self._order.add(parent, child, is_implied=not self._is_in_from)
        else:  # written behind everything else
            self._order.add_root(child)
        on = and_(*conditions)
        chain = self._chains[origin]
        match kind:
            case "left":
                chain = chain.outerjoin(child.rows, on)
            case "right":
                chain = child.rows.outerjoin(chain, on)
            case "full":
                chain = chain.join(child.rows, on, full=True)
            case _:
                chain = chain.join(child.rows, on)
        self._chains[origin] = chain


@cache
def _numbered_alias(table: Table, number: int) -> FromClause:
    """Make an alias once: to copy the columns of a wide table takes its time."""
    return table.alias(f"{table.name}_{number}")
