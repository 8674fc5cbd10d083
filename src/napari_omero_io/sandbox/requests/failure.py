"""Why a request was not done, and how a client is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.cmd

from napari_omero_io.sandbox.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Mapping


class RequestFailed(SandboxError):
    """A request cannot be done.

    Parameters
    ----------
    code
        As clients know it: ``bad-target``, ``graph-fail``.
    """

    def __init__(self, code: str, message: str, **parameters: str) -> None:
        super().__init__(message)
        self.code = code
        self.parameters = parameters


def error_response(
    request: Any, code: str, message: str, parameters: Mapping[str, str]
) -> Any:
    """Build the answer that stands for a failure."""
    category = request.ice_id()
    told = {"message": message, **parameters}
    if code == "graph-fail":
        return omero.cmd.GraphException(category, code, told, message)
    return omero.cmd.ERR(category, code, told)
