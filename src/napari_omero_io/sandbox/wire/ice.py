"""Ice, Glacier2 and OMERO's types, imported in the only order that works.

Glacier2's own module hides the router's exceptions behind plain ones of the same
names, unless the generated module was loaded before it; `omero.clients` does that.
"""

from __future__ import annotations

import Ice
import IcePy
import omero
import omero.all
import omero.clients
from omero.clients import Glacier2

__all__ = ["Glacier2", "Ice", "IcePy", "omero"]
