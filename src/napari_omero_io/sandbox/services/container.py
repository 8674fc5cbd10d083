"""IContainer: projects, datasets, screens and plates with what they contain."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from napari_omero_io.sandbox.errors import ApiUsage
from napari_omero_io.sandbox.hql import find
from napari_omero_io.sandbox.rules.permissions import visible
from napari_omero_io.sandbox.rules.reach import reach
from napari_omero_io.sandbox.rules.tracks import Tracks
from napari_omero_io.sandbox.schema.model import Kind
from napari_omero_io.sandbox.store.saving import delete_object, save

from .hierarchies import (
    ROOTS,
    hierarchies_of_images,
    image_query,
    load_hierarchy,
    window,
)
from .parameters import read_options

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from napari_omero_io.sandbox.core import Call, Core
    from napari_omero_io.sandbox.schema.model import Field
    from napari_omero_io.sandbox.sessions import SessionState

#: From images to the containers that they may be asked for by.
_IMAGES_IN = {
    "Image": "i.id in (:ids)",
    "Dataset": (
        "i.id in (select l.child.id from DatasetImageLink l"
        " where l.parent.id in (:ids))"
    ),
    "Project": (
        "i.id in (select l.child.id from DatasetImageLink l, ProjectDatasetLink k"
        " where k.child.id = l.parent.id and k.parent.id in (:ids))"
    ),
}


class ContainerService:
    """What clients browse with."""

    def __init__(self, core: Core, session: SessionState) -> None:
        self._core = core

    def loadContainerHierarchy(
        self, call: Call, class_name: str, ids: Sequence[int], parameters: Any
    ) -> list[Any]:
        """Load containers with their contents, images included if asked for.

        Raises
        ------
        ApiUsage
            The class is no container, or neither ids nor a filter are given.
        """
        root = self._core.model.resolve(class_name).name
        if root not in ROOTS:
            raise ApiUsage(f"Class parameter for loadContainerHierarchy: {class_name}")
        options = read_options(parameters)
        if not ids and options.owner_id is None and options.group_id is None:
            raise ApiUsage(
                "Set of root ids cannot be empty unless an owner or a group is given."
            )
        with self._core.database.read() as connection:
            return load_hierarchy(connection, call, root, ids, options)

    def findContainerHierarchies(
        self, call: Call, class_name: str, image_ids: Sequence[int], parameters: Any
    ) -> list[Any]:
        """Load the projects and datasets above images, the tops first."""
        if self._core.model.resolve(class_name).name != "Project":
            raise ApiUsage("Only the hierarchies of Project are known.")
        with self._core.database.read() as connection:
            return hierarchies_of_images(connection, call, image_ids)

    def getImages(
        self, call: Call, class_name: str, ids: Sequence[int], parameters: Any
    ) -> list[Any]:
        """Load images, or those of datasets or projects.

        Raises
        ------
        ApiUsage
            The class is none of these; a part of images by their ids is asked for.
        """
        name = self._core.model.resolve(class_name).name
        if name not in _IMAGES_IN:
            raise ApiUsage(f"Images cannot be had by {class_name}.")
        options = read_options(parameters)
        if options.is_paged and name == "Image":
            raise ApiUsage("Images that are named by id come all at once.")
        if not ids:
            return []
        where, values = window(options)
        query = image_query(options, [_IMAGES_IN[name], *where])
        with self._core.database.read() as connection:
            return find(
                connection,
                call,
                query,
                {"ids": list(ids), **values},
                first=options.offset or 0,
                limit=options.limit,
            )

    def getUserImages(self, call: Call, parameters: Any) -> list[Any]:
        """Load the images that the caller owns."""
        options = read_options(parameters)
        where, values = window(options)
        query = image_query(options, ["i.details.owner.id = :owner", *where])
        values = {"owner": call.caller.user_id, **values}
        with self._core.database.read() as connection:
            return find(connection, call, query, values)

    def getImagesByOptions(self, call: Call, parameters: Any) -> list[Any]:
        """Load the images that were made in a time, by an owner, in a group."""
        options = read_options(parameters)
        where, values = window(options)
        for path, wanted in (("owner", options.owner_id), ("group", options.group_id)):
            if wanted is not None:
                where.append(f"i.details.{path}.id = :{path}")
                values[path] = wanted
        query = image_query(options, where, dataset_counts=False)
        with self._core.database.read() as connection:
            return find(
                connection,
                call,
                query,
                values,
                first=options.offset or 0,
                limit=options.limit,
            )

    def getCollectionCount(
        self,
        call: Call,
        class_name: str,
        property_: str,
        ids: Sequence[int],
        parameters: Any,
    ) -> dict[int, int]:
        """Count the members of a collection, of several objects.

        Raises
        ------
        ApiUsage
            The class has no such collection.
        """
        collection = self._collection(class_name, property_)
        tables = self._core.database.tables
        target = self._core.model[str(collection.target)]
        table = tables[target.name]
        back = tables.column(target.name, str(collection.back))
        query = (
            select(back, func.count())
            .where(back.in_(list(ids)), visible(call.caller, table))
            .group_by(back)
        )
        counts = dict.fromkeys(ids, 0)
        with self._core.database.read() as connection:
            counts.update((id_, count) for id_, count in connection.execute(query))
        return counts

    def retrieveCollection(
        self, call: Call, object_: Any, property_: str, parameters: Any
    ) -> list[Any]:
        """Load the members of a collection of one object."""
        collection = self._collection(object_.ice_id(), property_)
        name = self._core.model.resolve(object_.ice_id()).name
        query = (
            f"select x from {name} x left outer join fetch x.{collection.name}"
            " where x.id = :id"
        )
        with self._core.database.read() as connection:
            found = find(connection, call, query, {"id": object_._id.getValue()})
        if not found:
            raise ApiUsage(f"There is no {name} {object_._id.getValue()} to be seen.")
        return list(getattr(found[0], f"_{collection.name}Seq"))

    def getImagesBySplitFilesets(
        self, call: Call, included: Mapping[str, Sequence[int]], parameters: Any
    ) -> dict[int, dict[bool, list[int]]]:
        """Tell which filesets would be torn apart by doing something to objects.

        Returns
        -------
        By fileset: the ids of its images that are among, and are not among, those
        that the objects are or contain.  Filesets that stay whole are left out.
        """
        model, tables = self._core.model, self._core.database.tables
        image = model["Image"]
        targets = {
            model.resolve(name).root.name: set(ids) for name, ids in included.items()
        }
        with self._core.database.read() as connection:
            tracks = Tracks(connection, tables)
            images = {id_ for id_, _ in reach(tracks, targets, {image})}
            filesets = tracks.filesets(images)
        split: dict[int, dict[bool, list[int]]] = defaultdict(dict)
        for fileset, all_images in filesets.items():
            if not all_images <= images:
                split[fileset][True] = sorted(all_images & images)
                split[fileset][False] = sorted(all_images - images)
        return dict(split)

    def createDataObject(self, call: Call, object_: Any, parameters: Any) -> Any:
        """Save a new object."""
        return self.createDataObjects(call, [object_], parameters)[0]

    def createDataObjects(
        self, call: Call, objects: Sequence[Any], parameters: Any
    ) -> list[Any]:
        """Save new objects."""
        with self._core.database.write() as connection:
            return save(connection, call, objects)

    def updateDataObject(self, call: Call, object_: Any, parameters: Any) -> Any:
        """Save a changed object."""
        return self.createDataObjects(call, [object_], parameters)[0]

    def updateDataObjects(
        self, call: Call, objects: Sequence[Any], parameters: Any
    ) -> list[Any]:
        """Save changed objects."""
        return self.createDataObjects(call, objects, parameters)

    def link(self, call: Call, links: Sequence[Any], parameters: Any) -> list[Any]:
        """Save links."""
        return self.createDataObjects(call, links, parameters)

    def unlink(self, call: Call, links: Sequence[Any], parameters: Any) -> None:
        """Delete links."""
        with self._core.database.write() as connection:
            for link in links:
                delete_object(connection, call, link)

    def _collection(self, class_name: str, property_: str) -> Field:
        # constants of the Java model are written ome.model…Project_datasetLinks
        name = property_.rpartition("_")[2]
        found = self._core.model.resolve(class_name).fields.get(name)
        if found is None or found.kind is not Kind.COLLECTION:
            raise ApiUsage(f"{property_} is no collection of {class_name}.")
        return found
