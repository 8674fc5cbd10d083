"""napari's way to save to a link: ``viewer.layers.save("omero://…", plugin=…)``.

The File menu's own export has a window and works in the background; this is for
scripts, and waits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_omero_io.errors import BadReference
from napari_omero_io.refs import OmeroRef

if TYPE_CHECKING:
    from collections.abc import Sequence


def write_layers(path: str, layers: Sequence[tuple[Any, ...]]) -> list[str]:
    """Save layers into a dataset.

    Parameters
    ----------
    path
        Such as ``omero://host:4064/dataset/5``.
    layers
        (data, settings, kind) of each.

    Returns
    -------
    list of str
        Links to the images that were made, or the path if none was.

    Raises
    ------
    BadReference
        The path is no link to a dataset.
    OmeroIOError
        They cannot be saved; what is left on the server is said.
    """
    from napari_omero_io.plugin.sessions import find_session_for

    ref = _read_target(path)
    receipt = find_session_for(ref).save(list(layers), ref)
    return list(receipt.links("image")) or [path]


def _read_target(path: str) -> OmeroRef:
    # npe2 also offers this writer for files, where no other writer fits
    if not str(path).lower().startswith("omero"):
        raise BadReference(
            f"“{path}” is not on an OMERO server. Save to a link such as "
            "omero://host:4064/dataset/5, or with File > Export > OMERO…"
        )
    ref = OmeroRef.parse(str(path))
    if ref.kind != "dataset":
        raise BadReference(f"“{path}” is no dataset: images are saved into datasets.")
    return ref
