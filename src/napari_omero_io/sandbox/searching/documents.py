"""Objects → documents: the texts by which each object is found, by field.

====================  ==========================================================
field                 of an object
====================  ==========================================================
``name`` …            its own texts
``annotation``        texts and names of the annotations on it
``tag``               texts of tags
``annotation.ns``     namespaces; ``annotation.type`` their classes
``file.name`` …       files attached to it
``Gene`` …            values of key-value pairs, by key; ``has_key`` the keys
``details.owner.…``   its owner, ``details.group.name`` its group
``roi.name`` …        regions of an image; ``fileset.entry.clientPath`` its files
====================  ==========================================================
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, TypeAlias

from napari_omero_io.sandbox.hql import project
from napari_omero_io.sandbox.schema.model import Kind
from napari_omero_io.sandbox.wire.values import unbox_value

from .language import split_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

    from napari_omero_io.sandbox.core import Call
    from napari_omero_io.sandbox.schema.model import ModelClass

#: Field → texts, each cut into words.
Document: TypeAlias = dict[str, list[list[str]]]

#: Texts of annotations, by the class that has them.
_TEXTS = ("textValue", "termValue", "longValue", "doubleValue", "boolValue")
#: Queries for images: where the words of other objects count as theirs.
_OF_IMAGES = (
    "select i.id, 'fileset.entry.clientPath', e.clientPath from Image i "
    "join i.fileset f join f.usedFiles e where i.id in (:ids)",
    "select r.image.id, 'roi.name', r.name from Roi r where r.image.id in (:ids)",
    "select r.image.id, 'roi.description', r.description from Roi r "
    "where r.image.id in (:ids)",
    "select s.roi.image.id, 'roi.annotation', s.textValue from Shape s "
    "where s.roi.image.id in (:ids)",
)
_OF_FILES = (
    "select a.id, 'file.name', a.file.name from FileAnnotation a where a.id in (:ids)",
)


def build_documents(
    connection: Connection, call: Call, model_class: ModelClass, ids: Sequence[int]
) -> dict[int, Document]:
    """Gather the words of some objects of a class."""
    found: dict[int, Document] = {id_: defaultdict(list) for id_ in ids}
    if not found:
        return found
    for text in _queries(call, model_class):
        rows = project(connection, call, text, {"ids": list(ids)})
        for id_, *pairs in ([unbox_value(one) for one in row] for row in rows):
            for field, value in zip(pairs[::2], pairs[1::2], strict=True):
                _add(found[id_], str(field), value)
    return found


def _add(document: Document, field: str, value: Any) -> None:
    if value is None:
        return
    words = split_words(str(value))
    if words:
        document[field].append(words)


def _queries(call: Call, model_class: ModelClass) -> Iterator[str]:
    """Return queries for ids, each with fields and their values."""
    name = model_class.name
    own = [one.name for one in model_class.of_kind(Kind.STRING)]
    columns = "".join(f", '{one}', x.{one}" for one in own)
    yield f"select x.id, 'id', x.id{columns} from {name} x where x.id in (:ids)"
    if not model_class.is_global:
        owner = "".join(
            f", 'details.owner.{one}', o.{one}"
            for one in ("omeName", "firstName", "lastName")
        )
        yield (
            f"select x.id, 'details.group.name', g.name{owner} from {name} x "
            "join x.details.owner o join x.details.group g where x.id in (:ids)"
        )
    if name == "Image":
        yield from _OF_IMAGES
    if name == "FileAnnotation":
        yield from _OF_FILES
    if model_class.is_a(call.core.model["Annotation"]):
        if name == "MapAnnotation":
            yield (
                "select a.id, mv.name, mv.value, 'has_key', mv.name "
                "from MapAnnotation a join a.mapValue mv where a.id in (:ids)"
            )
    elif "annotationLinks" in model_class.fields:
        yield from _of_annotations(f"{name}AnnotationLink")


def _of_annotations(link: str) -> Iterator[str]:
    where = "where l.parent.id in (:ids)"
    texts = "".join(f", 'annotation', a.{one}" for one in _TEXTS)
    yield (
        "select l.parent.id, 'annotation.ns', a.ns, 'annotation.name', a.name, "
        f"'annotation.description', a.description{texts} "
        f"from {link} l join l.child a {where}"
    )
    yield (
        "select l.parent.id, 'annotation.type', type(a) "
        f"from {link} l join l.child a {where}"
    )
    yield (
        f"select l.parent.id, 'tag', a.textValue from {link} l join l.child a "
        f"{where} and a.class = TagAnnotation"
    )
    files = ", ".join(f"'file.{one}', f.{one}" for one in ("name", "path", "mimetype"))
    yield (
        f"select l.parent.id, 'annotation', f.name, {files} "
        f"from {link} l join l.child a join a.file f {where}"
    )
    yield (
        "select l.parent.id, mv.name, mv.value, 'annotation', mv.value, "
        f"'annotation', mv.name, 'has_key', mv.name from {link} l join l.child a "
        f"join a.mapValue mv {where}"
    )
