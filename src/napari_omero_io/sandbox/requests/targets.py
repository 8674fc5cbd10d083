"""What a graph request names: classes and ids, as rows of tables."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.cmd

from napari_omero_io.sandbox.rules.caller import ALL_GROUPS
from napari_omero_io.sandbox.rules.graph_rules import DELETE_TARGETS
from napari_omero_io.sandbox.rules.permissions import EVERYTHING, facts_of
from napari_omero_io.sandbox.rules.tracks import Tracks

from .failure import RequestFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from napari_omero_io.sandbox.core import Call
    from napari_omero_io.sandbox.schema.model import Model, ModelClass
    from napari_omero_io.sandbox.store.erasing import Doomed

    from .work import Work

#: Interfaces of OMERO's model that requests may name in place of classes.
_ANNOTATION_LINKS = "IAnnotationLink"
_LINKS = ("ILink", "Link")


def classes_named(model: Model, name: str) -> tuple[ModelClass, ...]:
    """Return the classes that a name in a request stands for.

    Raises
    ------
    RequestFailed
        It stands for none.
    """
    short = name.rpartition(".")[2]
    links = [one for one in model.classes.values() if one.is_link]
    if short == _ANNOTATION_LINKS:
        return tuple(one for one in links if one.name.endswith("AnnotationLink"))
    if short in _LINKS:
        return tuple(links)
    found = model.find(name)
    if found is None:
        raise RequestFailed("bad-class", f"unknown class {name}", type=name)
    return model.below(found)


def read_targets(
    work: Work,
    named: Mapping[str, Iterable[int]] | None,
    is_legal: Callable[[ModelClass], bool] = lambda one: is_delete_target(one),
) -> Doomed:
    """Return the ids that a request names, by the roots of their classes.

    Ids of other classes than the named one are passed over.

    Parameters
    ----------
    is_legal
        Tells of a class whether the request may name it.

    Raises
    ------
    RequestFailed
        A class is unknown, or may not be a target.
    """
    tracks = Tracks(work.connection, work.call.core.database.tables)
    found: Doomed = defaultdict(set)
    for name, ids in (named or {}).items():
        classes = classes_named(work.call.core.model, name)
        legal = [one for one in classes if is_legal(one)]
        if not legal:
            raise RequestFailed(
                "bad-target", f"{name} may not be the target of this request", type=name
            )
        for root in {one.root.name for one in legal}:
            objects = tracks.read(root, list(ids))
            found[root] |= {
                id_ for id_, one in objects.items() if one.model_class in legal
            }
    return found


def is_delete_target(model_class: ModelClass) -> bool:
    """Tell whether a request for deletion may name a class."""
    family = {model_class.name, *(one.name for one in model_class.ancestors)}
    return model_class.is_link or not family.isdisjoint(DELETE_TARGETS)


def is_chgrp_target(model_class: ModelClass) -> bool:
    """Tell whether a request to move may name a class."""
    return facts_of(model_class).is_chgrp_target


def is_chown_target(model_class: ModelClass) -> bool:
    """Tell whether a request to give away may name a class."""
    return facts_of(model_class).is_chown_target


def is_duplicate_target(model_class: ModelClass) -> bool:
    """Tell whether a request for copies may name a class."""
    return facts_of(model_class).is_chgrp_target and not model_class.is_link


def is_group(model_class: ModelClass) -> bool:
    """Tell whether a request for other permissions may name a class."""
    return model_class.name == "ExperimenterGroup"


def is_owned(model_class: ModelClass) -> bool:
    """Tell whether a request that only looks may name a class."""
    return not model_class.is_global


#: Which classes the requests of a type may name.
_LEGAL: dict[type, Callable[[ModelClass], bool]] = {
    omero.cmd.Delete2: is_delete_target,
    omero.cmd.Chgrp2: is_chgrp_target,
    omero.cmd.Chown2: is_chown_target,
    omero.cmd.Chmod2: is_group,
    omero.cmd.Duplicate: is_duplicate_target,
    omero.cmd.FindParents: is_owned,
    omero.cmd.FindChildren: is_owned,
    omero.cmd.DiskUsage2: is_owned,
}


def legal_targets(work: Work, request: Any) -> Any:
    """Return the classes that a request may name, by full Java name.

    Raises
    ------
    RequestFailed
        It is no request that names any.
    """
    is_legal = _LEGAL.get(type(request.request))
    if is_legal is None:
        raise RequestFailed("bad-request", "Only graph requests have legal targets.")
    model = work.call.core.model
    names = [one.java_name for one in model.classes.values() if is_legal(one)]
    return omero.cmd.LegalGraphTargetsResponse(sorted(names))


def everywhere(call: Call) -> Call:
    """Return a call that sees the objects of all the caller's groups."""
    caller = replace(
        call.caller,
        group_id=ALL_GROUPS,
        group_name="",
        group_permissions=EVERYTHING,
    )
    return replace(call, caller=caller)
