"""Open images from an OMERO server in napari, change them, save them back."""

from __future__ import annotations

import sys

# npe2 imports this package while it looks for plugins, at every start of napari.
# That is the moment to put File > Import > OMERO… where users look for it.
if "npe2" in sys.modules:
    from napari_omero_io.plugin.menus import arm as _arm

    _arm()
