"""Tables and their columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .regions import MaskRecord


@dataclass(frozen=True, slots=True)
class ColumnRecord:
    """A column of a table.

    Attributes
    ----------
    kind
        ``long``, ``double``, ``bool``, ``string``; ids of ``image``, ``roi``, ``well``,
        ``plate``, ``dataset`` or ``file``; ``float array``, ``double array``,
        ``long array``; ``mask``.
    size
        Bytes of a text, or elements of an array.
    """

    name: str
    kind: str
    description: str = ""
    size: int = 1


@dataclass(frozen=True, slots=True)
class TableRecord:
    """A table on a server that is attached to something.

    Attributes
    ----------
    id
        Of its file.
    parent_kind, parent_id
        What it is attached to: ``image``, ``dataset``, ``plate``, ``roi`` …
    """

    id: int
    name: str
    parent_kind: str = ""
    parent_id: int = -1
    namespace: str = ""


@dataclass(frozen=True, slots=True)
class TableMask:
    """A mask in a table: its pixels, and the image it lies on."""

    image_id: int
    mask: MaskRecord
