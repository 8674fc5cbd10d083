"""Frozen values that travel between the server's objects and the rest of the program.

Nothing here knows of Ice, Qt or napari.  Axis order is always (T, C, Z, Y, X).
Lengths are in micrometres, times in seconds; None means that the server does not say.
"""

from .drafts import (
    NewChannel,
    NewImage,
)
from .images import (
    PIXEL_TYPES,
    ChannelRecord,
    ImageRecord,
    LevelRecord,
    SettingsRecord,
)
from .parts import (
    PartRecord,
    Patch,
)
from .people import (
    GroupRecord,
    ObjectRecord,
    UserRecord,
)
from .plates import (
    FieldRecord,
    PlateRecord,
    RunChoice,
    RunRecord,
    WellRecord,
    name_letters,
)
from .regions import (
    MaskRecord,
    RoiRecord,
    ShapeRecord,
)
from .tables import (
    ColumnRecord,
    TableMask,
    TableRecord,
)

__all__ = [
    "PIXEL_TYPES",
    "ChannelRecord",
    "ColumnRecord",
    "FieldRecord",
    "GroupRecord",
    "ImageRecord",
    "LevelRecord",
    "MaskRecord",
    "NewChannel",
    "NewImage",
    "ObjectRecord",
    "PartRecord",
    "Patch",
    "PlateRecord",
    "RoiRecord",
    "RunChoice",
    "RunRecord",
    "SettingsRecord",
    "ShapeRecord",
    "TableMask",
    "TableRecord",
    "UserRecord",
    "WellRecord",
    "name_letters",
]
