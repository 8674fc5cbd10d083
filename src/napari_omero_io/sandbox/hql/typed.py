"""An SQL expression together with what HQL knows of its value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeAlias

from napari_omero_io.sandbox.schema.model import Kind

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement


class Special(Enum):
    """What a value may be beside the kinds of fields."""

    CLASS = "class"  #: the stored discriminator of a row's class
    UNKNOWN = "unknown"  #: a parameter, or null: its value will tell


ValueKind: TypeAlias = Kind | Special


@dataclass(frozen=True, slots=True, eq=False)
class Typed:
    """A value in SQL, and its kind."""

    sql: ColumnElement[Any]
    kind: ValueKind


def wider(*kinds: ValueKind) -> ValueKind:
    """Return the kind that a number has when numbers of some kinds are combined."""
    for kind in (Kind.DOUBLE, Kind.LONG, Kind.TIME, Kind.INT):
        if kind in kinds:
            return Kind.LONG if kind is Kind.TIME else kind
    return Special.UNKNOWN


def first_known(*kinds: ValueKind) -> ValueKind:
    """Return the first kind that is known: the kind of ``coalesce(:p, x.name)``."""
    known = [kind for kind in kinds if kind is not Special.UNKNOWN]
    return known[0] if known else Special.UNKNOWN
