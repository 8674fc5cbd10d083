"""From the settings of an import over the protocol to what is wished for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero.model
from omero.rtypes import unwrap

from napari_omero_io.sandbox import hql
from napari_omero_io.sandbox.errors import ApiUsage, Invalid

from .objects import Wish

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_omero_io.sandbox.core import Call

_DATASET = "select d from Dataset d where d.id = :id"


def read_wish(call: Call, settings: Any, version: Sequence[Any], prefix: str) -> Wish:
    """Read what `omero.grid.ImportSettings` say.

    Raises
    ------
    Invalid
        The target is not there, or not seen.
    ApiUsage
        The target is no dataset.
    """
    sizes = [float(one) for one in settings.userSpecifiedPixels or () if one]
    dataset_id = _read_target(call, settings.userSpecifiedTarget)
    padded = [*sizes, None, None, None][:3]
    return Wish(
        dataset_id=dataset_id,
        name=unwrap(settings.userSpecifiedName) or None,
        description=unwrap(settings.userSpecifiedDescription) or None,
        pixel_size=(padded[0], padded[1], padded[2]),
        annotations=tuple(settings.userSpecifiedAnnotationList or ()),
        version=tuple(version),
        prefix=prefix,
    )


def _read_target(call: Call, target: Any) -> int | None:
    """Return the id of the dataset that images go to."""
    if target is None:
        return None
    if isinstance(target, omero.model.Screen):
        raise ApiUsage("The sandbox imports no plates: name a dataset, or no target.")
    if not isinstance(target, omero.model.Dataset):
        raise ApiUsage(f"Images cannot be imported into a {type(target).__name__}.")
    if target.id is None:
        raise ApiUsage("The target of an import must be saved before.")
    target_id = int(target.id.val)
    with call.core.database.read() as connection:
        if not hql.find(connection, call, _DATASET, {"id": target_id}):
            raise Invalid(f"No such target: Dataset:{target_id}")
    return target_id
