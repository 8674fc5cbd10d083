"""What OMERO's database does not let go, whoever asks: names and folders in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from napari_omero_io.sandbox.errors import Invalid

from .rows import in_batches

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import Connection

    from napari_omero_io.sandbox.schema.tables import Tables


def refuse_needed(
    connection: Connection, tables: Tables, doomed: Mapping[str, Collection[int]]
) -> None:
    """Refuse to delete namespaces of annotations and directories with files.

    Raises
    ------
    Invalid
        One of them is needed by what stays.
    """
    namespaces = tables["Namespace"].c
    for batch in in_batches(doomed.get("Namespace", ())):
        query = select(namespaces.name).where(namespaces.id.in_(batch))
        for name in connection.execute(query).scalars():
            refuse_if_used(connection, tables, name, doomed.get("Annotation", ()))
    _refuse_directories(connection, tables, doomed.get("OriginalFile", ()))


def refuse_if_used(
    connection: Connection, tables: Tables, name: str, going: Collection[int] = ()
) -> None:
    """Refuse to rename or delete a namespace of annotations that stay.

    Raises
    ------
    Invalid
        There are such annotations.
    """
    annotations = tables["Annotation"].c
    query = select(annotations.id).where(annotations.ns == name)
    if set(connection.execute(query).scalars()) - set(going):
        raise Invalid(
            f"Cannot change or delete the namespace {name}: annotations use it."
        )


def _refuse_directories(
    connection: Connection, tables: Tables, going: Collection[int]
) -> None:
    table = tables["OriginalFile"]
    parents, files = table.alias(), table.alias()
    for batch in in_batches(going):
        inside = files.c.path == parents.c.path + parents.c.name + "/"
        same = func.coalesce(files.c.repo, "") == func.coalesce(parents.c.repo, "")
        query = select(parents.c.id, files.c.id).where(
            parents.c.id.in_(batch), parents.c.mimetype == "Directory", inside, same
        )
        for directory, file in connection.execute(query):
            if file not in going:
                raise Invalid(
                    f"Directory OriginalFile:Id_{directory} cannot be deleted: "
                    f"it is not empty (OriginalFile:Id_{file})."
                )
