"""What saving has made, and what it says about where that came from.

Two notes are left: in ``layer.metadata["omero"]``, so that the layer knows its object
on the server, and as key-value pairs on the saved object, so that the object knows
what it was made of.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from napari_omero_io.refs import OmeroRef

from .layer import name_server

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .drawing import DrawnLayer
    from .layer import Origin, SavableLayer

#: Our own, not the one of the pairs that users edit: OMERO.web gives a user one
#: editable table an object, which stays free, and shows other namespaces read-only.
#: Where something came from should not be changed by a slip, and is found by one query.
PROVENANCE_NAMESPACE = "napari-omero-io/provenance"


@dataclass(frozen=True, slots=True)
class SavedObject:
    """One object that was made on the server.

    Attributes
    ----------
    kind
        ``dataset``, ``image`` or ``roi``.
    link
        Its canonical link.
    """

    kind: str
    id: int
    name: str
    link: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was made, and what the layers should remember of it.

    Attributes
    ----------
    objects
        The dataset, images and regions, in the order in which they were made.
    replaced
        Ids of the regions that were deleted because new ones took their place.
    metadata
        For each layer, by its place among the layers that were saved: what becomes
        ``layer.metadata["omero"]``.
    changed, deleted
        Numbers of shapes that were changed in place, and deleted.
    features
        For layers of shapes: columns of the layer's features, by their name.
    """

    objects: tuple[SavedObject, ...]
    replaced: tuple[int, ...] = ()
    metadata: Mapping[int, Mapping[str, Any]] = field(default_factory=dict, hash=False)
    changed: int = 0
    deleted: int = 0
    features: Mapping[int, Mapping[str, Sequence[Any]]] = field(
        default_factory=dict, hash=False
    )

    def links(self, kind: str) -> tuple[str, ...]:
        """Give the links of everything of one kind."""
        return tuple(made.link for made in self.objects if made.kind == kind)

    def describe(self) -> list[str]:
        """Say what was made, a line each; regions are counted."""
        lines = [
            f"{made.kind.capitalize()} '{made.name}': {made.link}"
            for made in self.objects
            if made.kind != "roi"
        ]
        names = [made.name for made in self.objects if made.kind == "roi"]
        counts = {name: names.count(name) for name in names}
        lines += [f"{count} regions of '{name}'" for name, count in counts.items()]
        if self.replaced:
            lines.append(f"{len(self.replaced)} regions saved before were replaced.")
        if self.changed:
            lines.append(f"{self.changed} shapes were changed.")
        if self.deleted:
            lines.append(f"{self.deleted} shapes were deleted.")
        return lines


def link_to(server: str, kind: str, object_id: int) -> str:
    """Give the canonical link of an object."""
    return str(OmeroRef(server, kind, object_id))


def describe_provenance(
    layers: Sequence[SavableLayer | DrawnLayer], sources: Sequence[Origin]
) -> tuple[tuple[str, str], ...]:
    """Say where something came from, as key-value pairs."""
    return (
        *(
            ("Source image", link_to(source.server, "image", source.image_id))
            for source in sources
            if source.server
        ),
        *(("Layer", layer.name) for layer in layers),
        ("Operation", "saved from napari"),
        ("Program", f"napari-omero-io {version('napari-omero-io')}"),
    )


def remember(before: Mapping[str, Any], saved: Mapping[str, Any]) -> Mapping[str, Any]:
    """Say what a layer should remember after it was saved.

    A layer that came from no server is of the saved image from now on.  One that did
    stays what it was, since it still shows that image, and remembers the copy.

    Parameters
    ----------
    before
        The layer's ``metadata["omero"]`` as it was.
    saved
        ``server``, ``image_id`` and so on of the object that was made.
    """
    if before.get("image_id") is None or _is_same_image(before, saved):
        return {**before, **saved}
    copy = link_to(str(saved["server"]), "image", int(saved["image_id"]))
    return {**before, "saved_as": copy}


def _is_same_image(before: Mapping[str, Any], saved: Mapping[str, Any]) -> bool:
    server = name_server(str(before.get("server") or ""))
    return (server, before["image_id"]) == (saved["server"], saved["image_id"])
