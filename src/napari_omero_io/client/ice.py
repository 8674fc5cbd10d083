"""Ice and OMERO's generated types, or one error that says how to get them.

The rest of `client` takes them from here, so that a missing or wrong Ice is found in
one place, whichever module is imported first.
"""

from __future__ import annotations

from napari_omero_io.doctor import ICE_VERSION, explain_ice
from napari_omero_io.errors import MissingIce

try:
    import Ice
except ImportError as error:
    raise MissingIce(explain_ice()) from error

# omero-py raises a bare Exception over several screens when this differs.
if Ice.stringVersion().split(".")[:2] != ICE_VERSION.split(".")[:2]:
    raise MissingIce(
        f"Ice {Ice.stringVersion()} is installed, but OMERO speaks {ICE_VERSION}. "
        + explain_ice()
    )

try:
    import omero
    import omero.all
    import omero.clients
    import omero.rtypes
except ImportError as error:
    raise MissingIce(
        "The Python package of OMERO is missing. Type: python -m pip install omero-py"
    ) from error

import Glacier2

__all__ = ["Glacier2", "Ice", "omero"]
