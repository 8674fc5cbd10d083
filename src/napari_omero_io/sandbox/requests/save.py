"""omero.api.Save: saving an object as one step of several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all

from napari_omero_io.sandbox.errors import SandboxError
from napari_omero_io.sandbox.store.saving import save

from .failure import RequestFailed

if TYPE_CHECKING:
    from .work import Work


def save_object(work: Work, request: Any) -> Any:
    """Save what the request carries and return it.

    Raises
    ------
    RequestFailed
        It was refused.
    """
    try:
        (saved,) = save(work.connection, work.call, [request.obj])
    except SandboxError as error:
        raise RequestFailed(
            "failed", error.message, exception=type(error).__name__
        ) from error
    return omero.api.SaveRsp(saved)
