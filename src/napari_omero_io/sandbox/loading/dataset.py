"""JSON → rows: what the objects of a dataset are in the tables, and what is wrong.

::

    {"Image": [{"id": 1, "name": "x", "acquisitionDate": 1700000000000, "fileset": 3,
                "details": {"owner": 2, "group": 3, "creationEvent": 1}}],
     "Pixels": [{"id": 1, "image": 1, "image_index": 0,
                 "physicalSizeX": {"value": 0.1, "unit": "MICROMETER"}}],
     "MapAnnotation": [{"id": 11, "mapValue": [["Gene", "TP53"]]}]}

A reference is the id of its target, times are milliseconds since 1970 UTC, bytes are
base64; null is the same as absence.  A place in an ordered collection that is not
given is the next free one.  Owner, group and events that are not given are 0.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import omero.model

from napari_omero_io.sandbox.errors import ApiUsage
from napari_omero_io.sandbox.schema.model import Kind
from napari_omero_io.sandbox.schema.tables import DETAILS, details_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from napari_omero_io.sandbox.schema.model import Field, ModelClass
    from napari_omero_io.sandbox.schema.tables import Tables

_PRIVATE = -120  # rw----, of groups whose permissions are not given
_KEYS = frozenset({"id", "version", "details"})

#: For each kind: what JSON may hold, and its name.
_ACCEPTED: dict[Kind, tuple[tuple[type, ...], str]] = {
    Kind.STRING: ((str,), "a text"),
    Kind.INT: ((int,), "a whole number"),
    Kind.LONG: ((int,), "a whole number"),
    Kind.DOUBLE: ((int, float), "a number"),
    Kind.BOOL: ((bool,), "true or false"),
    Kind.TIME: ((int,), "milliseconds since 1970"),
    Kind.BYTES: ((str,), "a text in base64"),
    Kind.STRINGS: ((str, list), "texts"),
    Kind.UNIT: ((dict,), "a value with its unit"),
    Kind.MAP: ((list,), "a list of pairs"),
    Kind.REFERENCE: ((int,), "an id"),
}


class BadDataset(ApiUsage):
    """The dataset cannot be read; says which object, and what of it."""


@dataclass(slots=True)
class Dataset:
    """Rows to insert.

    Attributes
    ----------
    rows
        By class: columns and their values.
    pairs
        Rows of the tables of map fields.
    references
        By class: which columns are references, the names they have in the dataset,
        and the tables they lead to.
    """

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    pairs: list[tuple[Field, list[dict[str, Any]]]] = field(default_factory=list)
    references: dict[str, list[tuple[str, str, str]]] = field(default_factory=dict)


def read_dataset(path: Path, tables: Tables) -> Dataset:
    """Read a file.

    Raises
    ------
    BadDataset
        It is no dataset, or names what the model does not have.
    """
    try:
        listed = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadDataset(f"{path} is no JSON: {error}") from error
    if not isinstance(listed, dict):
        raise BadDataset(f"{path} is no dataset: it holds no object of classes.")
    return _Reader(tables).read(listed)


class _Reader:
    """Reads one dataset."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._read: dict[str, dict[int, str]] = defaultdict(dict)
        self._dataset = Dataset()

    def read(self, listed: dict[str, Any]) -> Dataset:
        for name, objects in listed.items():
            model_class = self._tables.model.classes.get(name)
            if model_class is None or model_class.is_abstract:
                raise BadDataset(f"{name}: there is no such class with objects.")
            if not isinstance(objects, list):
                raise BadDataset(f"{name}: its objects are no list.")
            self._dataset.references[name] = list(self._references(model_class))
            self._dataset.rows[name] = [
                self._object(model_class, one) for one in objects
            ]
        self._find_places()
        return self._dataset

    def _object(self, model_class: ModelClass, given: Any) -> dict[str, Any]:
        name = model_class.name
        id_ = given.get("id") if isinstance(given, dict) else None
        if not isinstance(id_, int) or isinstance(id_, bool) or id_ < 0:
            raise BadDataset(f"{name}: an object has no id: {given!r}")
        known = self._read[model_class.root.name]
        if id_ in known:
            raise BadDataset(f"{name} {id_}: the id is taken by a {known[id_]}.")
        known[id_] = name
        row: dict[str, Any] = {"id": id_}
        columns = self._tables[name].c
        if "discriminator" in columns:
            row["discriminator"] = model_class.discriminator
        if "version" in columns:
            row["version"] = self._number(given.get("version", 0), name, id_, "version")
        row.update(self._details(model_class, id_, given.get("details") or {}))
        unknown = given.keys() - _KEYS - model_class.fields.keys()
        places = {f"{field.name}_index": field for field in _ordered(model_class)}
        for key in unknown - places.keys():
            raise BadDataset(f"{name} {id_}: it has no field {key}.")
        for field_ in model_class.fields.values():
            if field_.kind is Kind.COLLECTION:
                if given.get(field_.name) is not None:
                    raise BadDataset(
                        f"{name} {id_}, {field_.name}: a collection follows from the "
                        f"references of its {field_.target} objects."
                    )
                continue
            row.update(self._field(name, id_, field_, given.get(field_.name)))
        for key, field_ in places.items():
            place = given.get(key)
            if place is not None:
                place = self._number(place, name, id_, key)
            row[self._tables.index_name(field_)] = place
        return row

    def _field(
        self, name: str, id_: int, field_: Field, value: Any
    ) -> Iterator[tuple[str, Any]]:
        if field_.kind is Kind.MAP:
            if value is not None:
                _check(name, id_, field_, value)
                self._add_pairs(name, id_, field_, value)
            return
        column = self._tables.column_name(field_)
        if value is None:
            if not self._tables[name].c[column].nullable:
                raise BadDataset(f"{name} {id_}, {field_.name}: a value is required.")
            unit = None
        else:
            _check(name, id_, field_, value)
            value, unit = _stored(name, id_, field_, value)
        yield column, value
        if field_.kind is Kind.UNIT:
            yield self._tables.unit_name(field_), unit

    def _add_pairs(self, name: str, id_: int, field_: Field, value: Any) -> None:
        rows = []
        for index, pair in enumerate(value):
            is_pair = isinstance(pair, list) and len(pair) == 2
            if not is_pair or not all(isinstance(x, str | None) for x in pair):
                raise BadDataset(f"{name} {id_}, {field_.name}: {pair!r} is no pair.")
            row = {"parent_id": id_, "index": index}
            rows.append({**row, "name": pair[0], "value": pair[1]})
        self._dataset.pairs.append((field_, rows))

    def _details(self, model_class: ModelClass, id_: int, given: Any) -> dict[str, Any]:
        name = model_class.name
        if not isinstance(given, dict):
            raise BadDataset(f"{name} {id_}, details: {given!r} are none.")
        members = details_of(model_class)
        for key in given.keys() - {*members, "permissions"}:
            if given[key] is not None:
                raise BadDataset(f"{name} {id_}, details: there is no {key}.")
        row = {}
        for member in members:
            default = None if member == "externalInfo" else 0
            value = given.get(member)
            if value is not None:
                value = self._number(value, name, id_, f"details.{member}")
            row[DETAILS[member][0]] = default if value is None else value
        if name == "ExperimenterGroup":
            perm1 = given.get("permissions")
            row["permissions"] = _PRIVATE if perm1 is None else perm1
        return row

    def _references(self, model_class: ModelClass) -> Iterator[tuple[str, str, str]]:
        for member in details_of(model_class):
            column, target = DETAILS[member]
            yield column, f"details.{member}", target
        for field_ in model_class.of_kind(Kind.REFERENCE):
            root = self._tables.model[str(field_.target)].root.name
            yield self._tables.column_name(field_), field_.name, root

    def _number(self, value: Any, name: str, id_: int, key: str) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise BadDataset(f"{name} {id_}, {key}: {value!r} is no whole number.")
        return value

    def _find_places(self) -> None:
        """Give what is in an ordered collection the next free place."""
        rows: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        for name, listed in self._dataset.rows.items():
            model_class = self._tables.model[name]
            for field_ in _ordered(model_class):
                column = self._tables.column_name(field_)
                rows[model_class.root.name, column] += listed
        for (_, column), listed in rows.items():
            place = column.removesuffix("_id") + "_index"
            taken: dict[Any, set[Any]] = defaultdict(set)
            for row in listed:
                taken[row[column]].add(row[place])
            for row in listed:
                owner = row[column]
                if owner is not None and row[place] is None:
                    free = taken[owner]
                    row[place] = next(n for n in range(len(free) + 1) if n not in free)
                    free.add(row[place])


def _ordered(model_class: ModelClass) -> Iterator[Field]:
    return (one for one in model_class.of_kind(Kind.REFERENCE) if one.is_ordered)


def _check(name: str, id_: int, field_: Field, value: Any) -> None:
    types, wanted = _ACCEPTED[field_.kind]
    is_bool = isinstance(value, bool) and bool not in types
    if is_bool or not isinstance(value, types):
        raise BadDataset(f"{name} {id_}, {field_.name}: {value!r} is not {wanted}.")


def _stored(name: str, id_: int, field_: Field, value: Any) -> tuple[Any, str | None]:
    """Return what the columns hold: the value, and the unit of one that has it."""
    try:
        return _CONVERT[field_.kind](field_, value)
    except (KeyError, TypeError, ValueError, binascii.Error) as error:
        wanted = _ACCEPTED[field_.kind][1]
        raise BadDataset(
            f"{name} {id_}, {field_.name}: {value!r} is not {wanted}."
        ) from error


def _plain(_field: Field, value: Any) -> tuple[Any, None]:
    return value, None


def _bytes(_field: Field, value: Any) -> tuple[bytes, None]:
    return base64.b64decode(value, validate=True), None


def _texts(_field: Field, value: Any) -> tuple[list[str], None]:
    return [value] if isinstance(value, str) else [str(one) for one in value], None


def _unit(field_: Field, value: Any) -> tuple[float, str]:
    units = getattr(omero.model.enums, f"Units{field_.target}")
    if value["unit"] not in map(str, units._enumerators.values()):
        raise ValueError(value["unit"])
    return float(value["value"]), value["unit"]


def _double(_field: Field, value: Any) -> tuple[float, None]:
    return float(value), None


_CONVERT: dict[Kind, Callable[[Field, Any], tuple[Any, str | None]]] = {
    **dict.fromkeys(Kind, _plain),
    Kind.BYTES: _bytes,
    Kind.STRINGS: _texts,
    Kind.UNIT: _unit,
    Kind.DOUBLE: _double,
}
