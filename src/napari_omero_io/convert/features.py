"""Tables as features of layers: a row of the table to each label, shape or point.

A column says by its type or its name which objects its rows are about.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from napari_omero_io.convert.layers import LayerData
    from napari_omero_io.records import ColumnRecord

#: The feature of a layer that holds the numbers of its objects, by what a column names.
#: The first that a table and a layer have in common counts.
KEYS = {"shape": "shape_id", "roi": "roi_id", "label": "index"}

#: Kinds of columns that name objects by themselves.
_TYPED = ("image", "roi", "well", "plate", "dataset")
#: Names of columns of numbers that do, without blanks and in lower case.
_NAMES = {
    **dict.fromkeys(("roi", "roiid"), "roi"),
    **dict.fromkeys(("shape", "shapeid"), "shape"),
    **dict.fromkeys(("image", "imageid"), "image"),
    **dict.fromkeys(("well", "wellid"), "well"),
    **dict.fromkeys(
        ("label", "labels", "labelid", "labelnumber", "labelvalue"), "label"
    ),
}


@dataclass(frozen=True)
class TableRows:
    """Rows of a table that are about one image.

    Attributes
    ----------
    values
        An array of each column, by its name.
    """

    name: str
    columns: tuple[ColumnRecord, ...]
    values: Mapping[str, NDArray[Any]]


def find_links(columns: Sequence[ColumnRecord]) -> dict[str, str]:
    """Say which column names the objects of a kind: the first of each kind.

    Kinds are ``image``, ``roi``, ``well``, ``plate`` and ``dataset``, by the type or
    the name of a column, ``shape`` and ``label``, by its name.
    """
    links: dict[str, str] = {}
    for column in columns:
        if column.kind in _TYPED:
            links.setdefault(column.kind, column.name)
    for column in columns:
        if column.kind in ("long", "double"):
            kind = _NAMES.get(re.sub(r"[\W_]+", "", column.name.lower()))
            if kind is not None:
                links.setdefault(kind, column.name)
    return links


def names_objects(columns: Sequence[ColumnRecord]) -> bool:
    """Whether the rows are about labels, shapes or regions."""
    return not KEYS.keys().isdisjoint(find_links(columns))


def match_rows(
    table: TableRows, features: Mapping[str, Any]
) -> NDArray[np.int64] | None:
    """Say which row of a table is about each object of a layer, -1 for none.

    Parameters
    ----------
    features
        Of the layer.

    Returns
    -------
    array or None
        None where the rows are not about the layer's objects, or several are about
        the same.
    """
    links = find_links(table.columns)
    for kind, feature in KEYS.items():
        if kind not in links or feature not in features:
            continue
        named = np.asarray(table.values[links[kind]])
        objects = np.asarray(features[feature])
        rows = _look_up(named, objects)
        if rows is not None and (rows >= 0).any():
            return rows
    return None


def _look_up(named: NDArray[Any], objects: NDArray[Any]) -> NDArray[np.int64] | None:
    """Give the place of each object among the names; None if one is there twice."""
    if not len(named) or not len(objects):
        return None
    order = np.argsort(named, kind="stable")
    places = np.searchsorted(named, objects, sorter=order)
    rows = order[np.minimum(places, len(named) - 1)]
    is_there = named[rows] == objects
    ends = np.searchsorted(named, objects, side="right", sorter=order)
    if (is_there & (ends - places > 1)).any():
        return None
    return np.where(is_there, rows, -1)


def make_features(table: TableRows, rows: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    """Give the values of the rows as features; objects without a row have none.

    Numbers become NaN there, texts ''.  Columns that name the objects are left out, and
    so are arrays and masks, for which features have no form.
    """
    links = set(find_links(table.columns).values())
    return {
        column.name: _take(column, np.asarray(table.values[column.name]), rows)
        for column in table.columns
        if column.name not in links
        and column.kind in ("long", "double", "bool", "string")
    }


def _take(
    column: ColumnRecord, values: NDArray[Any], rows: NDArray[np.int64]
) -> NDArray[Any]:
    taken = values[np.maximum(rows, 0)]
    if (rows >= 0).all():
        return taken
    if column.kind in ("long", "double", "bool"):
        return np.where(rows >= 0, taken.astype(np.float64), np.nan)
    return np.where(rows >= 0, taken, "")


def add_features(layer: LayerData, tables: Sequence[TableRows]) -> LayerData:
    """Give a layer with the rows of tables about its objects among its features.

    A column whose name is taken gets that of its table, too.
    """
    data, settings, kind = layer
    features = dict(settings.get("features", {}))
    defaults = dict(settings.get("feature_defaults", {}))
    for table in tables:
        rows = match_rows(table, features)
        if rows is None:
            continue
        for name, values in make_features(table, rows).items():
            free = name if name not in features else f"{name} ({table.name})"
            features[free] = values
            defaults[free] = [np.nan if values.dtype.kind == "f" else _empty(values)]
    if len(features) == len(settings.get("features", {})):
        return layer
    changed = {**settings, "features": features}
    if "feature_defaults" in settings:
        changed["feature_defaults"] = defaults
    return data, changed, kind


def _empty(values: NDArray[Any]) -> Any:
    return "" if values.dtype.kind == "O" else values.dtype.type(0)
