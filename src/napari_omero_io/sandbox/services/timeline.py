"""ITimeline: what was made or changed lately, and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.model
from omero.rtypes import rlong, rstring

from napari_omero_io.sandbox.errors import ApiUsage
from napari_omero_io.sandbox.hql import find, project

from .parameters import read_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omero import RTime
    from sqlalchemy import Connection

    from napari_omero_io.sandbox.core import Call, Core
    from napari_omero_io.sandbox.sessions import SessionState

_LIMIT = 50
_EVERYBODY = -1
_ANNOTATION = "Annotation"
_LINKED = ("Project", "Dataset", "Image")


@dataclass(frozen=True, slots=True)
class Period:
    """How the objects of one class are found by time.

    Attributes
    ----------
    inside
        The condition that an object lies between ``:start`` and ``:end``.
    owner
        Path to whose it is.
    """

    fetch: str
    inside: str
    owner: str
    order: str


_CHANGED = Period(
    fetch=(
        " join fetch o.details.creationEvent join fetch o.details.updateEvent"
        " join fetch o.details.owner join fetch o.details.group"
    ),
    inside=(
        "((o.details.creationEvent.time >= :start"
        " and o.details.creationEvent.time <= :end)"
        " or (o.details.updateEvent.time >= :start"
        " and o.details.updateEvent.time <= :end))"
    ),
    owner="o.details",
    order="o.details.updateEvent.id desc",
)
_PERIODS = {
    "Project": _CHANGED,
    "Dataset": _CHANGED,
    "Image": Period(
        fetch=_CHANGED.fetch,
        inside="o.acquisitionDate >= :start and o.acquisitionDate <= :end",
        owner="o.details",
        order="o.acquisitionDate desc",
    ),
    "RenderingDef": Period(
        fetch=(
            f"{_CHANGED.fetch} join fetch o.pixels p join fetch p.image i"
            " join i.details.creationEvent made"
        ),
        inside=_CHANGED.inside,
        owner="i.details",
        order="made.time desc",
    ),
}
#: All there is: clients may leave either end of a period open.
_ALWAYS = (0, 2**62)


class TimelineService:
    """What the calendar and the lists of recent things are read from."""

    def __init__(self, core: Core, _session: SessionState) -> None:
        self._core = core

    def getMostRecentObjects(
        self, call: Call, types: Sequence[str], parameters: Any, merge: bool
    ) -> dict[str, list[Any]]:
        """Return what was made or changed last, by class."""
        return self.getByPeriod(call, types, None, None, parameters, merge)

    def getByPeriod(
        self,
        call: Call,
        types: Sequence[str],
        start: RTime | None,
        end: RTime | None,
        parameters: Any,
        merge: bool,
    ) -> dict[str, list[Any]]:
        """Return what was made or changed in a period, by class; the latest first.

        Parameters
        ----------
        merge
            Limit the number over all classes.  As OMERO.server does it, the oldest
            of what was found remain.
        """
        names = self._names(types)
        options = read_options(parameters)
        limit = _LIMIT if options.limit is None else options.limit
        found: dict[str, list[Any]] = {}
        with self._core.database.read() as connection:
            for name in names:
                if name == _ANNOTATION:
                    continue
                period = _PERIODS[name]
                text, values = _query(call, name, start, end, parameters)
                found[name] = find(
                    connection,
                    call,
                    f"select o {text} order by {period.order}",
                    values,
                    first=options.offset or 0,
                    limit=limit,
                )
        return _oldest(found, limit) if merge else found

    def countByPeriod(
        self,
        call: Call,
        types: Sequence[str],
        start: RTime | None,
        end: RTime | None,
        parameters: Any,
    ) -> dict[str, int]:
        """Count what was made or changed in a period; annotations: -1."""
        found: dict[str, int] = {}
        with self._core.database.read() as connection:
            for name in self._names(types):
                if name == _ANNOTATION:
                    found[name] = -1
                    continue
                text, values = _query(call, name, start, end, parameters)
                text = text.replace(" fetch ", " ")
                query = f"select count(distinct o.id) {text}"
                ((count,),) = project(connection, call, query, values)
                found[name] = int(count.getValue())
        return found

    def getEventLogsByPeriod(
        self, call: Call, start: RTime | None, end: RTime | None, parameters: Any
    ) -> list[Any]:
        """Return what happened to projects and datasets, and when images were taken."""
        options = read_options(parameters)
        owner = _owner(call, options.owner_id, options.group_id)
        values = _times(start, end)
        conditions = ["e.time >= :start", "e.time <= :end"]
        if owner is not None:
            conditions.append("e.experimenter.id = :owner")
            values["owner"] = owner
        if options.group_id is not None:
            conditions.append("e.experimenterGroup.id = :group")
            values["group"] = options.group_id
        query = (
            "select l from EventLog l join fetch l.event e where"
            " l.entityType in ('ome.model.containers.Dataset',"
            " 'ome.model.containers.Project')"
            " and l.action in ('INSERT', 'UPDATE', 'REINDEX')"
            f" and {' and '.join(conditions)} order by l.id"
        )
        with self._core.database.read() as connection:
            logs = find(connection, call, query, values)
            return [*logs, *_acquired(connection, call, start, end, parameters)]

    def getMostRecentAnnotationLinks(
        self,
        call: Call,
        parents: Sequence[str],
        children: Sequence[str],
        namespaces: Sequence[str],
        parameters: Any,
    ) -> list[Any]:
        """Return the links to annotations that were made or changed last.

        Parameters
        ----------
        parents
            Classes of what is annotated; empty: projects, datasets and images.
        children
            At most one class of annotations.
        namespaces
            Patterns as of SQL's ``like``.

        Raises
        ------
        ApiUsage
            More than one class of annotations is named.
        """
        if len(children or ()) > 1:
            raise ApiUsage("Only one kind of annotation can be asked for at a time.")
        options = read_options(parameters)
        limit = _LIMIT if options.limit is None else options.limit
        where: list[str] = ["1 = 1"]
        values: dict[str, Any] = {}
        owner = _owner(call, options.owner_id, options.group_id)
        if owner is not None:
            where.append("o.details.owner.id = :owner")
            values["owner"] = owner
        if options.group_id is not None:
            where.append("o.details.group.id = :group")
            values["group"] = options.group_id
        for name in children or ():
            where.append(f"c.class = {self._core.model.resolve(name).name}")
        likes = []
        for place, namespace in enumerate(namespaces or ()):
            likes.append(f"c.ns like :ns{place}")
            values[f"ns{place}"] = namespace
        if likes:
            where.append(f"({' or '.join(likes)})")
        found: list[Any] = []
        with self._core.database.read() as connection:
            for name in parents or _LINKED:
                root = self._core.model.resolve(name).name
                text = (
                    f"select o from {root}AnnotationLink o join fetch o.child c"
                    " join fetch o.details.creationEvent"
                    " join fetch o.details.updateEvent"
                    " join fetch c.details.creationEvent join fetch o.parent"
                    f" where {' and '.join(where)}"
                    " order by o.details.updateEvent.id desc"
                )
                last = (options.offset or 0) + limit
                found += find(connection, call, text, values, limit=last)
        found.sort(key=_updated, reverse=True)
        return found[options.offset or 0 :][:limit]

    def getMostRecentShareCommentLinks(self, call: Call, parameters: Any) -> list[Any]:
        """Return the last comments on shares: there are none."""
        return []

    def _names(self, types: Sequence[str]) -> list[str]:
        if not types:
            return [*_PERIODS, _ANNOTATION]
        model = self._core.model
        names = []
        for name in types:
            found = model.resolve(name)
            is_annotation = found.is_a(model[_ANNOTATION])
            if not is_annotation and found.name not in _PERIODS:
                raise ApiUsage(f"{name} cannot be asked for by time.")
            names.append(_ANNOTATION if is_annotation else found.name)
        return names


def _query(
    call: Call, name: str, start: RTime | None, end: RTime | None, parameters: Any
) -> tuple[str, dict[str, Any]]:
    """Return the query after its select list, without order, and its values."""
    period, options = _PERIODS[name], read_options(parameters)
    where, values = [], {}
    if name == "Image" or start is not None or end is not None:
        where.append(period.inside)
        values = _times(start, end)
    owner = _owner(call, options.owner_id, options.group_id)
    if owner is not None:
        where.append(f"{period.owner}.owner.id = :owner")
        values["owner"] = owner
    if options.group_id is not None:
        where.append(f"{period.owner}.group.id = :group")
        values["group"] = options.group_id
    conditions = " where " + " and ".join(where) if where else ""
    return f"from {name} o{period.fetch}{conditions}", values


def _times(start: RTime | None, end: RTime | None) -> dict[str, Any]:
    first, last = _ALWAYS
    return {
        "start": start if start is not None else omero.rtypes.rtime(first),
        "end": end if end is not None else omero.rtypes.rtime(last),
    }


def _owner(call: Call, owner_id: int | None, group_id: int | None) -> int | None:
    """Return whose objects are asked for; None: everybody's."""
    if owner_id is None and group_id is None:
        return call.caller.user_id
    return None if owner_id == _EVERYBODY else owner_id


def _updated(object_: Any) -> int:
    return int(object_._details._updateEvent._id.getValue())


def _oldest(found: dict[str, list[Any]], limit: int) -> dict[str, list[Any]]:
    """Keep what was changed first, as OMERO.server does by mistake."""
    everything = [
        (one._details._updateEvent._time.getValue(), name, one)
        for name, listed in found.items()
        for one in listed
    ]
    everything.sort(key=lambda entry: entry[0])
    kept: dict[str, list[Any]] = {name: [] for name in found}
    for _, name, one in everything[:limit]:
        kept[name].append(one)
    return kept


def _acquired(
    connection: Connection,
    call: Call,
    start: RTime | None,
    end: RTime | None,
    parameters: Any,
) -> list[Any]:
    """Make entries of a log that say when images were taken."""
    text, values = _query(call, "Image", start, end, parameters)
    text = text.replace(" fetch ", " ")
    query = f"select o.id, o.acquisitionDate {text} order by o.acquisitionDate desc"
    logs = []
    for image_id, taken in project(connection, call, query, values):
        log = omero.model.EventLogI()
        log._entityId = rlong(image_id.getValue())
        log._entityType = rstring("ome.model.core.Image")
        log._action = rstring("INSERT")
        log._event = omero.model.EventI()
        log._event._time = taken
        logs.append(log)
    return logs
