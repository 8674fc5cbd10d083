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

_TARGET = "select t from {} t where t.id = :id"


def read_wish(call: Call, settings: Any, version: Sequence[Any], prefix: str) -> Wish:
    """Read what `omero.grid.ImportSettings` say.

    Raises
    ------
    Invalid
        The target is not there, or not seen.
    ApiUsage
        The target is neither a dataset nor a screen.
    """
    sizes = [float(one) for one in settings.userSpecifiedPixels or () if one]
    dataset_id, screen_id = _read_target(call, settings.userSpecifiedTarget)
    padded = [*sizes, None, None, None][:3]
    return Wish(
        dataset_id=dataset_id,
        screen_id=screen_id,
        name=unwrap(settings.userSpecifiedName) or None,
        description=unwrap(settings.userSpecifiedDescription) or None,
        pixel_size=(padded[0], padded[1], padded[2]),
        annotations=tuple(settings.userSpecifiedAnnotationList or ()),
        version=tuple(version),
        prefix=prefix,
        with_extremes=not unwrap(settings.noStatsInfo),
    )


def _read_target(call: Call, target: Any) -> tuple[int | None, int | None]:
    """Return the id of the dataset that images go to, and of the screen for plates."""
    if target is None:
        return None, None
    for kind in (omero.model.Dataset, omero.model.Screen):
        if isinstance(target, kind):
            break
    else:
        raise ApiUsage(f"Images cannot be imported into a {type(target).__name__}.")
    if target.id is None:
        raise ApiUsage("The target of an import must be saved before.")
    target_id = int(target.id.val)
    text = _TARGET.format(kind.__name__)
    with call.core.database.read() as connection:
        if not hql.find(connection, call, text, {"id": target_id}):
            raise Invalid(f"No such target: {kind.__name__}:{target_id}")
    is_screen = kind is omero.model.Screen
    return (None, target_id) if is_screen else (target_id, None)
