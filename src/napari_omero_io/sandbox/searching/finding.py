"""Which objects a search finds, the best first."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from napari_omero_io.sandbox.errors import ApiUsage
from napari_omero_io.sandbox.hql import find, project
from napari_omero_io.sandbox.schema.model import Kind
from napari_omero_io.sandbox.wire.values import unbox_value

from .documents import build_documents
from .matching import is_similar, score
from .restriction import Restriction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from napari_omero_io.sandbox.core import Call
    from napari_omero_io.sandbox.schema.model import ModelClass

    from .language import Clauses
    from .restriction import Span

_LAST_MILLISECOND = timedelta(days=1) - timedelta(milliseconds=1)


def find_by_text(
    connection: Connection,
    call: Call,
    model_class: ModelClass,
    query: Clauses,
    fields: Sequence[str],
    asked: Restriction,
) -> list[int]:
    """Return the ids of the objects that have the words of a query.

    In the order that is asked for, else the best first.
    """
    ids = _restricted(connection, call, model_class, asked)
    documents = build_documents(connection, call, model_class, ids)
    scores = {id_: score(query, documents[id_], fields) for id_ in ids}
    found = [id_ for id_ in ids if scores[id_]]
    if not asked.order:
        found.sort(key=lambda id_: -scores[id_])
    return found


def find_by_annotations(
    connection: Connection,
    call: Call,
    model_class: ModelClass,
    examples: Sequence[Any],
    asked: Restriction,
) -> list[int]:
    """Return the ids of the objects that have an annotation like each example."""
    if "annotationLinks" not in model_class.fields:
        raise ApiUsage(f"A {model_class.name} has no annotations.")
    link = model_class.fields["annotationLinks"].target
    ids = _restricted(connection, call, model_class, asked)
    for example in examples:
        like = call.core.model.resolve(example.ice_id())
        values = {
            field.name: value
            for field in like.fields.values()
            if field.is_simple and field.kind is not Kind.BYTES
            if (value := unbox_value(getattr(example, f"_{field.name}"))) is not None
        }
        if example._id is not None:
            values["id"] = example._id._val
        conditions = "".join(f" and a.{name} = :{name}" for name in values)
        text = (
            f"select distinct l.parent.id from {link} l, {like.name} a "
            f"where l.child.id = a.id{conditions}"
        )
        rows = project(connection, call, text, values)
        having = {row[0]._val for row in rows}
        ids = [id_ for id_ in ids if id_ in having]
    return ids


def find_similar(
    connection: Connection, call: Call, model_class: ModelClass, term: str
) -> list[str]:
    """Return the words of all objects of a class that are spelt almost like a term.

    As Lucene measures it: fewer letters differ than half of those of the shorter word.
    """
    ids = _restricted(connection, call, model_class, Restriction())
    documents = build_documents(connection, call, model_class, ids)
    words = {
        word
        for document in documents.values()
        for texts in document.values()
        for text in texts
        for word in text
    }
    return sorted(word for word in words if is_similar(word, term.lower()))


def load_in_order(
    connection: Connection,
    call: Call,
    model_class: ModelClass,
    ids: Sequence[int],
    fetches: Sequence[str] = (),
) -> list[Any]:
    """Return objects in the order of their ids' list.

    Parameters
    ----------
    fetches
        Properties that are to be loaded.
    """
    joins = "".join(f" left outer join fetch x.{one}" for one in fetches)
    text = f"select x from {model_class.name} x{joins} where x.id in (:ids)"
    found = find(connection, call, text, {"ids": list(ids)}) if ids else []
    by_id = {one._id._val: one for one in found}
    return [by_id[id_] for id_ in ids if id_ in by_id]


def day_span(first: str, last: str) -> Span | None:
    """Read days, ``YYYYMMDD``, as milliseconds since 1970; the last one counts too.

    Raises
    ------
    ApiUsage
        A text is no day.
    """
    if not first and not last:
        return None
    return _read_day(first, timedelta()), _read_day(last, _LAST_MILLISECOND)


def _read_day(text: str, more: timedelta) -> int | None:
    if not text:
        return None
    try:
        day = datetime.strptime(text, "%Y%m%d").astimezone()  # days as clients see them
    except ValueError as error:
        raise ApiUsage(f"{text!r} is no day like 20240131.") from error
    return int((day + more).timestamp() * 1000)


def _restricted(
    connection: Connection, call: Call, model_class: ModelClass, asked: Restriction
) -> list[int]:
    text, values = asked.write(model_class)
    return [row[0]._val for row in project(connection, call, text, values)]
