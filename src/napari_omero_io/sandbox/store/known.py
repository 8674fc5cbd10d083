"""What the database already holds of an incoming graph."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from napari_omero_io.sandbox.errors import Invalid
from napari_omero_io.sandbox.rules.ownership import Standing

from .incoming import Key, Node, State
from .rows import class_of, in_batches, read_rows, read_standing

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sqlalchemy import Connection, RowMapping

    from napari_omero_io.sandbox.rules.ownership import Judge
    from napari_omero_io.sandbox.schema.model import Field
    from napari_omero_io.sandbox.schema.tables import Tables

    from .database import Database


@dataclass(frozen=True, slots=True)
class Known:
    """Rows that incoming objects overwrite, and the standing of all of them.

    Attributes
    ----------
    rows
        Whole rows of the objects that are loaded.
    standing
        Of every object of the graph that has an id; new ones are added when it is
        decided whose they become.
    lost
        Ids of what fell out of lists and collections of links, by the owner and the
        collection's name.
    """

    rows: dict[Key, RowMapping] = field(default_factory=dict)
    standing: dict[Key, Standing] = field(default_factory=dict)
    lost: dict[tuple[Key, str], set[int]] = field(default_factory=dict)


def look_up_enumerations(
    connection: Connection, tables: Tables, nodes: Iterable[Node], judge: Judge
) -> None:
    """Let enumerations that were sent by value stand for the rows of these values.

    Raises
    ------
    NotAllowed
        There is no such value, and the caller may not add one.
    """
    for node in nodes:
        if node.state is not State.NEW or not node.model_class.is_enum:
            continue
        table = tables[node.model_class.name]
        value = node.values["value"]
        found = connection.execute(
            select(table.c.id).where(table.c.value == value)
        ).scalar()
        if found is None:
            judge.check_system_type(node.model_class)
        else:
            node.id = found
            node.state = State.REFERENCE


def read_known(connection: Connection, tables: Tables, nodes: Sequence[Node]) -> Known:
    """Read what is known of the objects that have an id.

    Raises
    ------
    Invalid
        One of them is not there, or is of another class.
    """
    loaded: dict[str, set[int]] = defaultdict(set)
    referred: dict[str, set[int]] = defaultdict(set)
    for node in nodes:
        if node.id is not None:
            wanted = loaded if node.state is State.LOADED else referred
            wanted[node.model_class.root.name].add(node.id)
    known = Known()
    for root, ids in loaded.items():
        for id_, row in read_rows(connection, tables, root, ids).items():
            known.rows[root, id_] = row
            known.standing[root, id_] = standing_of(tables, root, row)
    for root, ids in referred.items():
        missing = {id_ for id_ in ids if (root, id_) not in known.standing}
        more = [tables[root].c.mimetype] if root == "OriginalFile" else []
        rows = read_standing(connection, tables, root, missing, *more)
        for id_, row in rows.items():
            known.standing[root, id_] = standing_of(tables, root, row)
    for node in nodes:
        if node.id is not None:
            _check_existence(node, known.standing)
    return known


def standing_of(tables: Tables, root: str, row: RowMapping) -> Standing:
    """Return whose a row is."""
    model_class = class_of(tables, root, row)
    is_owned = not model_class.is_global
    return Standing(
        name=f"{model_class.java_name}:Id_{row['id']}",
        model_class=model_class,
        owner_id=row["owner_id"] if is_owned else None,
        group_id=row["group_id"] if is_owned else None,
        is_directory=row.get("mimetype") == "Directory",
    )


def give_ids(connection: Connection, database: Database, nodes: Iterable[Node]) -> None:
    """Take an id for every new object."""
    new: dict[str, list[Node]] = defaultdict(list)
    for node in nodes:
        if node.id is None:
            new[node.model_class.root.name].append(node)
    for root, listed in new.items():
        first = database.next_id(connection, root, len(listed))
        for id_, node in enumerate(listed, first):
            node.id = id_


def append_strays(
    connection: Connection,
    tables: Tables,
    nodes: Iterable[Node],
    rows: Mapping[Key, RowMapping],
) -> None:
    """Give a place to children that know their parent but are in none of its lists.

    OMERO.server refuses them; here they are put at the end.
    """
    ends: dict[tuple[str, str, int], int] = {}
    for node in nodes:
        if not node.is_written:
            continue
        table = tables[node.model_class.name]
        row = rows.get(node.key)
        for name, parent in node.references.items():
            reference = node.model_class.fields[name]
            if not reference.is_ordered or parent is None or name in node.places:
                continue
            column = table.c[tables.column_name(reference)]
            if row is not None and row[column.name] == parent.id:
                continue
            assert parent.id is not None
            end = (table.name, name, parent.id)
            if end not in ends:
                last = func.max(table.c[tables.index_name(reference)])
                query = select(last).where(column == parent.id)
                found = connection.execute(query).scalar()
                ends[end] = -1 if found is None else found
            ends[end] += 1
            node.places[name] = ends[end]


def _check_existence(node: Node, standing: Mapping[Key, Standing]) -> None:
    found = standing.get(node.key)
    if found is None or not found.model_class.is_a(node.model_class):
        raise Invalid(
            f"{node.name}: this object no longer exists in the database, "
            "or is of another class."
        )


def read_pairs(
    connection: Connection, tables: Tables, map_field: Field, ids: Collection[int]
) -> dict[int, list[tuple[str | None, str | None]]]:
    """Read the pairs of a map field for some objects."""
    table = tables.pairs(map_field)
    found: dict[int, list[tuple[str | None, str | None]]] = defaultdict(list)
    for batch in in_batches(ids):
        query = (
            select(table.c.parent_id, table.c.name, table.c.value)
            .where(table.c.parent_id.in_(batch))
            .order_by(table.c.parent_id, table.c.index)
        )
        for parent_id, name, value in connection.execute(query):
            found[parent_id].append((name, value))
    return found
