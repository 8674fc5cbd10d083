"""IMetadata: annotations, tags, and how images were acquired."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from omero.rtypes import rlong

from napari_omero_io.sandbox.errors import ApiUsage
from napari_omero_io.sandbox.hql import find, project
from napari_omero_io.sandbox.importing.journal import LOG_FILE

from .acquisition import load_channels, load_instrument
from .parameters import read_options
from .tags import TAGGED, count_tagged, load_tag_sets, load_tagged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omero import RLong
    from sqlalchemy import Connection

    from napari_omero_io.sandbox.core import Call, Core
    from napari_omero_io.sandbox.schema.model import ModelClass
    from napari_omero_io.sandbox.sessions import SessionState


#: What is always loaded with annotations, by their alias ``a``.
_WITH_AUTHORS = (
    " join fetch a.details.owner join fetch a.details.creationEvent"
    " left outer join fetch a.file f left outer join fetch f.hasher"
)


class MetadataService:
    """What clients read annotations and acquisition metadata with."""

    def __init__(self, core: Core, session: SessionState) -> None:
        self._core = core

    def loadInstrument(self, call: Call, instrument_id: int) -> Any:
        """Load an instrument with all its parts."""
        with self._core.database.read() as connection:
            return load_instrument(connection, call, instrument_id)

    def loadChannelAcquisitionData(self, call: Call, ids: Sequence[int]) -> list[Any]:
        """Load logical channels with what is known of their acquisition."""
        with self._core.database.read() as connection:
            return load_channels(connection, call, ids)

    def loadAnnotations(
        self,
        call: Call,
        root_type: str,
        ids: Sequence[int],
        annotation_types: Sequence[str],
        annotator_ids: Sequence[int],
        parameters: Any,
    ) -> dict[int, list[Any]]:
        """Load the annotations of objects; those that have none get an empty list."""
        root = self._annotated(root_type)
        wanted = [self._core.model.resolve(name) for name in annotation_types or ()]
        where = " and a.details.owner.id in (:annotators)" if annotator_ids else ""
        values = {"annotators": list(annotator_ids)} if annotator_ids else {}
        with self._core.database.read() as connection:
            query = f"select r.id from {root.name} r where r.id in (:ids)"
            rows = project(connection, call, query, {"ids": list(ids)}) if ids else []
            found: dict[int, list[Any]] = {row[0].getValue(): [] for row in rows}
            linked = self._linked(connection, call, root, ids, where, values)
        for id_, annotation in linked:
            if not wanted or self._is_one_of(annotation, wanted):
                found[id_].append(annotation)
        return found

    def loadSpecifiedAnnotations(
        self,
        call: Call,
        type_: str,
        include: Sequence[str],
        exclude: Sequence[str],
        parameters: Any,
    ) -> list[Any]:
        """Load annotations of a class by their namespaces."""
        annotation = self._annotation(type_)
        options = read_options(parameters)
        where, values = _namespaces(include, exclude)
        if options.owner_id is not None:
            where.append("a.details.owner.id = :owner")
            values["owner"] = options.owner_id
        if options.group_id is not None:
            where.append("a.details.group.id = :group")
            values["group"] = options.group_id
        if annotation.name == "FileAnnotation":
            where.append("a.file is not null")
        fetch = _authors(annotation)
        text = f"select a from {annotation.name} a{fetch}{_where(where)} order by a.id"
        with self._core.database.read() as connection:
            return find(
                connection,
                call,
                text,
                values,
                first=options.offset or 0,
                limit=options.limit,
            )

    def countSpecifiedAnnotations(
        self,
        call: Call,
        type_: str,
        include: Sequence[str],
        exclude: Sequence[str],
        parameters: Any,
    ) -> RLong:
        """Count what `loadSpecifiedAnnotations` loads."""
        found = self.loadSpecifiedAnnotations(call, type_, include, exclude, parameters)
        return rlong(len(found))

    def loadSpecifiedAnnotationsLinkedTo(
        self,
        call: Call,
        type_: str,
        include: Sequence[str],
        exclude: Sequence[str],
        root_type: str,
        root_ids: Sequence[int],
        parameters: Any,
    ) -> dict[int, list[Any]]:
        """Load annotations of a class by namespaces, of those objects that have any."""
        annotation, root = self._annotation(type_), self._annotated(root_type)
        conditions, values = _namespaces(include, exclude)
        where = "".join(f" and {condition}" for condition in conditions)
        found: dict[int, list[Any]] = defaultdict(list)
        with self._core.database.read() as connection:
            linked = self._linked(connection, call, root, root_ids, where, values)
        for id_, one in linked:
            if self._is_one_of(one, [annotation]):
                found[id_].append(one)
        return dict(found)

    def loadAnnotation(self, call: Call, ids: Sequence[int]) -> list[Any]:
        """Load annotations by their ids."""
        if not ids:
            return []
        text = f"select a from Annotation a{_WITH_AUTHORS} where a.id in (:ids)"
        with self._core.database.read() as connection:
            return find(connection, call, text, {"ids": list(ids)})

    def loadTagSets(self, call: Call, parameters: Any) -> list[Any]:
        """Load tag sets with their tags, and tags in no set if asked for."""
        with self._core.database.read() as connection:
            return load_tag_sets(connection, call, read_options(parameters))

    def loadTagContent(
        self, call: Call, tag_ids: Sequence[int], parameters: Any
    ) -> dict[int, list[Any]]:
        """Load images, datasets, plates, projects and screens that have tags."""
        with self._core.database.read() as connection:
            return {id_: load_tagged(connection, call, id_) for id_ in tag_ids}

    def getTaggedObjectsCount(
        self, call: Call, tag_ids: Sequence[int], parameters: Any
    ) -> dict[int, int]:
        """Count what `loadTagContent` loads."""
        with self._core.database.read() as connection:
            return {id_: count_tagged(connection, call, id_) for id_ in tag_ids}

    def loadAnnotationsUsedNotOwned(
        self, call: Call, type_: str, user_id: int
    ) -> list[Any]:
        """Load annotations of others that a user put on images and containers."""
        annotation = self._annotation(type_)
        found: dict[int, Any] = {}
        with self._core.database.read() as connection:
            for name in TAGGED:
                text = (
                    f"select l from {name}AnnotationLink l join fetch l.child a"
                    " join fetch a.details.owner"
                    " where l.details.owner.id = :user and a.details.owner.id != :user"
                )
                for link in find(connection, call, text, {"user": user_id}):
                    if self._is_one_of(link._child, [annotation]):
                        found[link._child._id.getValue()] = link._child
        return [found[id_] for id_ in sorted(found)]

    def countAnnotationsUsedNotOwned(
        self, call: Call, type_: str, user_id: int
    ) -> RLong:
        """Count what `loadAnnotationsUsedNotOwned` loads."""
        return rlong(len(self.loadAnnotationsUsedNotOwned(call, type_, user_id)))

    def loadLogFiles(
        self, call: Call, root_type: str, ids: Sequence[int]
    ) -> dict[int, list[Any]]:
        """Load the logs that importing filesets or images left.

        Raises
        ------
        ApiUsage
            The class is neither.
        """
        root = self._core.model.resolve(root_type).name
        above = {"Fileset": "fs.id", "Image": "i.id"}
        if root not in above:
            raise ApiUsage(f"Log files can be had by Fileset or Image, not {root}.")
        images = ", Image i" if root == "Image" else ""
        joined = " and i.fileset.id = fs.id" if root == "Image" else ""
        text = (
            f"select {above[root]}, file from Fileset fs, FilesetJobLink k,"
            f" JobOriginalFileLink l, OriginalFile file{images}"
            f" where k.parent.id = fs.id and l.parent.id = k.child.id"
            f" and l.child.id = file.id and file.mimetype = :mimetype"
            f" and {above[root]} in (:ids){joined} order by file.id"
        )
        found: dict[int, list[Any]] = defaultdict(list)
        if ids:
            values = {"ids": list(ids), "mimetype": LOG_FILE}
            with self._core.database.read() as connection:
                for id_, file in project(connection, call, text, values):
                    found[id_.getValue()].append(file.getValue())
        return dict(found)

    def _linked(
        self,
        connection: Connection,
        call: Call,
        root: ModelClass,
        ids: Sequence[int],
        where: str,
        values: dict[str, Any],
    ) -> list[tuple[int, Any]]:
        """Load annotations of objects: the object's id with each, oldest link first."""
        if not ids:
            return []
        text = (
            f"select l from {root.name}AnnotationLink l join fetch l.child a"
            f"{_WITH_AUTHORS} where l.parent.id in (:ids){where} order by l.id"
        )
        links = find(connection, call, text, {"ids": list(ids), **values})
        return [(link._parent._id.getValue(), link._child) for link in links]

    def _annotation(self, type_: str) -> ModelClass:
        model = self._core.model
        found = model.resolve(type_)
        if not found.is_a(model["Annotation"]):
            raise ApiUsage(f"{type_} is no annotation.")
        return found

    def _annotated(self, root_type: str) -> ModelClass:
        """Return the class whose links lead to the annotations of a class."""
        model = self._core.model
        found = model.resolve(root_type)
        for one in (found, *found.ancestors):
            if f"{one.name}AnnotationLink" in model:
                return one
        raise ApiUsage(f"{root_type} cannot be annotated.")

    def _is_one_of(self, annotation: Any, wanted: Sequence[ModelClass]) -> bool:
        found = self._core.model.resolve(annotation.ice_id())
        return any(found.is_a(one) for one in wanted)


def _authors(annotation: ModelClass) -> str:
    """Return what to fetch with annotations of a class: not all have a file."""
    if annotation.name == "FileAnnotation" or annotation.is_abstract:
        return _WITH_AUTHORS
    return _WITH_AUTHORS.partition(" left outer")[0]


def _namespaces(
    include: Sequence[str], exclude: Sequence[str]
) -> tuple[list[str], dict[str, Any]]:
    where: list[str] = []
    values: dict[str, Any] = {}
    if include:
        where.append("a.ns in (:include)")
        values["include"] = list(include)
    if exclude:
        where.append("(a.ns is null or a.ns not in (:exclude))")
        values["exclude"] = list(exclude)
    return where, values


def _where(conditions: Sequence[str]) -> str:
    return " where " + " and ".join(conditions) if conditions else ""
