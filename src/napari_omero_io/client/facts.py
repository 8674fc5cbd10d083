"""Frozen values about what there is on a server, beyond rows and pixels.

Nothing here knows of Ice, so that the window may use them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

#: In place of an owner's id: everybody's.
EVERYBODY = -1


@dataclass(frozen=True, slots=True)
class MemberRecord:
    """A member of a group: their login name, and the name of the person."""

    id: int
    name: str
    full_name: str = ""


@dataclass(frozen=True, slots=True)
class Membership:
    """A group whose data the user may look at."""

    id: int
    name: str
    members: tuple[MemberRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose data is looked at.

    Attributes
    ----------
    owner_id
        `EVERYBODY` for all members of the group.
    """

    group_id: int
    group_name: str
    owner_id: int = EVERYBODY
    owner_name: str = ""


@dataclass(frozen=True, slots=True)
class AnnotationRecord:
    """One thing that somebody attached to an object.

    Attributes
    ----------
    kind
        ``tag``, ``map``, ``comment``, ``rating``, ``file``, ``table``, or the name of
        another type: ``boolean``, ``long``, ``double``, ``timestamp``, ``term``,
        ``xml``, ``list``.
    text
        The tag, the comment, the value, the name of the file.
    pairs
        Of a map, in their order.
    file_id, size
        Of a file or a table; bytes.
    """

    kind: str
    id: int
    text: str = ""
    namespace: str = ""
    description: str = ""
    owner: str = ""
    pairs: tuple[tuple[str, str], ...] = ()
    file_id: int | None = None
    size: int | None = None
    when: datetime | None = None


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file on the server; its checksum is SHA-1 unless the server says otherwise."""

    id: int
    name: str
    path: str
    size: int
    checksum: str = ""
    algorithm: str = ""


@dataclass(frozen=True, slots=True)
class ChannelFacts:
    """A channel's name and its colour (red, green, blue), None where none is set."""

    name: str
    color: tuple[int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What the metadata of an image says; its pixels were not touched.

    Attributes
    ----------
    pixel_type
        OMERO's name.
    shape
        (T, C, Z, Y, X).
    pixel_size
        X, Y, Z in micrometres.
    """

    pixel_type: str
    shape: tuple[int, int, int, int, int]
    pixel_size: tuple[float | None, float | None, float | None]
    channels: tuple[ChannelFacts, ...]
    acquired: datetime | None = None
    instrument: str = ""
    roi_count: int = 0
    files: tuple[FileRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class Details:
    """All that the details panel shows of one object.

    Attributes
    ----------
    image
        None for what is no image.
    """

    kind: str
    id: int
    name: str
    description: str = ""
    owner: str = ""
    group: str = ""
    created: datetime | None = None
    image: ImageFacts | None = None
    annotations: tuple[AnnotationRecord, ...] = ()
