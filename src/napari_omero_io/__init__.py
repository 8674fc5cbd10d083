"""Open images from an OMERO server in napari, change them, save them back."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from napari_omero_io.entry import connect as connect
    from napari_omero_io.entry import open_layers as open_layers
    from napari_omero_io.plugin.viewer import wait_until_loaded as wait_until_loaded
    from napari_omero_io.refs import OmeroRef as OmeroRef
    from napari_omero_io.sandbox.process import Sandbox as Sandbox
    from napari_omero_io.session import Session as Session

#: Public name -> the module that has it, imported when the name is first used:
#: this package is imported at every start of napari and must cost nothing.
_HOMES = {
    "OmeroRef": "napari_omero_io.refs",
    "Sandbox": "napari_omero_io.sandbox.process",
    "Session": "napari_omero_io.session",
    "connect": "napari_omero_io.entry",
    "open_layers": "napari_omero_io.entry",
    "wait_until_loaded": "napari_omero_io.plugin.viewer",
}
__all__ = [
    "OmeroRef",
    "Sandbox",
    "Session",
    "connect",
    "open_layers",
    "wait_until_loaded",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(home), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Watch:
    """A finder of modules that finds none, but sees napari being imported."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """Prepare the menus when the first viewer is about to be made."""
        if name == "napari.viewer" and self in sys.meta_path:
            sys.meta_path.remove(self)
            _arm()


def _arm() -> None:
    from napari_omero_io.plugin.menus import arm

    arm()


# npe2 imports this package while it looks for plugins, at every start of napari.
# That is the moment to put File > Import > OMERO… where users look for it.  A script
# may import this package before napari, and npe2 does not import it again then.
if "npe2" in sys.modules:
    _arm()
else:
    sys.meta_path.insert(0, _Watch())
