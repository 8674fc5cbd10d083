"""OMERO's model as the sandbox knows it: classes, their fields, their rules.

Everything that the generated `omero.model` types tell is read from them
(`generated`); `extras.toml` adds what they do not: order, uniqueness, ranges,
discriminators.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from enum import Enum
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from napari_omero_io.sandbox.errors import ApiUsage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .generated import GeneratedClass, Member


class Kind(Enum):
    """What a field holds."""

    STRING = "string"
    INT = "int"
    LONG = "long"
    DOUBLE = "double"
    BOOL = "bool"
    TIME = "time"  #: milliseconds since 1970 UTC
    BYTES = "bytes"
    STRINGS = "strings"
    UNIT = (
        "unit"  #: a value and the enumerator of its unit; `Field.target` is its class
    )
    MAP = "map"  #: an ordered list of pairs of name and value
    REFERENCE = "reference"
    COLLECTION = "collection"


_SIMPLE = {
    "RString": Kind.STRING,
    "RInt": Kind.INT,
    "RLong": Kind.LONG,
    "RDouble": Kind.DOUBLE,
    "RBool": Kind.BOOL,
    "RTime": Kind.TIME,
    "ByteSeq": Kind.BYTES,
    "StringArray": Kind.STRINGS,
    "NamedValueList": Kind.MAP,
}
_UNITS = frozenset(
    {
        "ElectricPotential",
        "Frequency",
        "Length",
        "Power",
        "Pressure",
        "Temperature",
        "Time",
    }
)


@dataclass(frozen=True, slots=True)
class Range:
    """Bounds of a field's value; None is unbounded."""

    above: float | None = None
    at_least: float | None = None
    at_most: float | None = None

    def holds(self, value: float) -> bool:
        """Tell whether a value lies within the bounds."""
        return not (
            (self.above is not None and not value > self.above)
            or (self.at_least is not None and not value >= self.at_least)
            or (self.at_most is not None and not value <= self.at_most)
        )


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a class.

    Attributes
    ----------
    owner
        Name of the class that declares it.
    target
        Of a reference or collection: the class at the other end; of a unit: its class.
    back
        Of a collection: the element's reference to the owner; of an indexed
        reference: the owner's collection.
    is_ordered
        Of a collection: elements have places.  Of a reference: the row keeps its
        place in the list of what it refers to.
    has_counts
        The collection of links carries a count per owner.
    """

    name: str
    kind: Kind
    owner: str
    target: str | None = None
    back: str | None = None
    is_required: bool = False
    is_ordered: bool = False
    has_counts: bool = False
    range: Range | None = None

    @property
    def is_simple(self) -> bool:
        """One column holds it."""
        return self.kind not in {Kind.UNIT, Kind.MAP, Kind.REFERENCE, Kind.COLLECTION}


@dataclass(frozen=True, slots=True, eq=False)
class ModelClass:
    """One class of the model.

    Attributes
    ----------
    java_name
        As clients and logs name it: ``ome.model.core.Image``.
    ancestors
        From the parent up to the root of the hierarchy.
    fields
        All fields, inherited ones first.
    is_global
        Rows have neither owner, group nor events.
    is_immutable
        Rows have no version and no update event.
    number
        What ``x.class`` answers where it is no discriminator.
    unique
        Groups of fields whose values may occur together once.
    """

    name: str
    java_name: str
    ancestors: tuple[ModelClass, ...]
    fields: Mapping[str, Field]
    discriminator: str
    is_abstract: bool
    is_global: bool
    is_immutable: bool
    is_enum: bool
    is_link: bool
    number: int | None = None
    unique: tuple[tuple[str, ...], ...] = ()

    def __repr__(self) -> str:
        return f"<ModelClass {self.name}>"

    @property
    def parent(self) -> ModelClass | None:
        """The class it extends."""
        return self.ancestors[0] if self.ancestors else None

    @property
    def root(self) -> ModelClass:
        """The class whose table and ids it shares."""
        return self.ancestors[-1] if self.ancestors else self

    def is_a(self, other: ModelClass) -> bool:
        """Tell whether it is another class, or extends it."""
        return self is other or other in self.ancestors

    def of_kind(self, *kinds: Kind) -> Iterator[Field]:
        """Go through the fields of some kinds."""
        return (field for field in self.fields.values() if field.kind in kinds)


class Model:
    """All classes, by name."""

    def __init__(self, classes: Mapping[str, ModelClass]) -> None:
        self.classes = classes
        self._below = {
            name: tuple(other for other in classes.values() if other.is_a(one))
            for name, one in classes.items()
        }
        self._by_java_name = {one.java_name: one for one in classes.values()}

    def __getitem__(self, name: str) -> ModelClass:
        return self.classes[name]

    def __contains__(self, name: str) -> bool:
        return name in self.classes

    def find(self, name: str) -> ModelClass | None:
        """Find a class: ``Image``, ``omero.model.Image``, ``ome.model.core.Image``."""
        short = name.removeprefix("::").replace("::", ".").removeprefix("omero.model.")
        found = self.classes.get(short) or self._by_java_name.get(name)
        if found is None and short.endswith("I"):
            found = self.classes.get(short.removesuffix("I"))
        return found

    def resolve(self, name: str) -> ModelClass:
        """Find a class by any of its names.

        Raises
        ------
        ApiUsage
            There is none of that name.
        """
        found = self.find(name)
        if found is None:
            raise ApiUsage(f"{name} does not specify a valid class.")
        return found

    def below(self, model_class: ModelClass) -> tuple[ModelClass, ...]:
        """Return a class and all that extend it."""
        return self._below[model_class.name]

    def concrete(self, model_class: ModelClass) -> tuple[ModelClass, ...]:
        """Return the classes whose rows are found when one asks for a class."""
        return tuple(one for one in self.below(model_class) if not one.is_abstract)


@cache
def load_model() -> Model:
    """Read the model; the second call is free."""
    from .generated import read_classes

    text = files(__package__).joinpath("extras.toml").read_text(encoding="utf-8")
    extras = tomllib.loads(text)
    ranges = _read_ranges(extras["range"])
    classes: dict[str, ModelClass] = {}
    for generated in read_classes():
        classes[generated.name] = _build_class(generated, classes, extras, ranges)
    return Model(_with_indexed_references(classes))


def _read_ranges(table: Mapping[str, Any]) -> dict[str, Range]:
    return {
        name: Range(entry.get("above"), entry.get("at_least"), entry.get("at_most"))
        for entry in table.values()
        for name in entry["fields"]
    }


def _build_class(
    generated: GeneratedClass,
    classes: Mapping[str, ModelClass],
    extras: Mapping[str, Any],
    ranges: Mapping[str, Range],
) -> ModelClass:
    name = generated.name
    parent = classes[generated.parent] if generated.parent else None
    own = {
        member.name: _build_field(name, member, extras["ordered"], ranges)
        for member in generated.members
    }
    is_enum = not generated.is_mutable and set(own) <= {"value", "bitSize"}
    is_global = generated.is_global or name in extras["global_links"]
    unique = list(parent.unique) if parent else []
    unique += (tuple(columns) for columns in extras["unique"].get(name, ()))
    if is_enum:
        unique.append(("value",))
    if generated.is_link:
        owner = () if is_global else ("details.owner",)
        unique.append(("parent", "child", *owner))
    return ModelClass(
        name=name,
        java_name=f"{generated.java_package}.{name}",
        ancestors=(parent, *parent.ancestors) if parent else (),
        fields={**parent.fields, **own} if parent else own,
        discriminator=extras["discriminator"].get(name, name),
        is_abstract=generated.is_abstract,
        is_global=is_global,
        is_immutable=not generated.is_mutable,
        is_enum=is_enum,
        is_link=generated.is_link,
        number=extras["class_number"].get(name),
        unique=tuple(unique),
    )


def _build_field(
    owner: str, member: Member, ordered: list[str], ranges: Mapping[str, Range]
) -> Field:
    name = member.name
    if member.element is not None:
        return Field(
            name,
            Kind.COLLECTION,
            owner,
            target=member.element,
            back=member.back,
            is_ordered=f"{owner}.{name}" in ordered,
            has_counts=member.has_counts,
        )
    kind = _SIMPLE.get(member.type_name)
    target = None
    if kind is None:
        kind = Kind.UNIT if member.type_name in _UNITS else Kind.REFERENCE
        target = member.type_name
    return Field(
        name,
        kind,
        owner,
        target=target,
        is_required=member.is_required,
        range=ranges.get(f"{owner}.{name}"),
    )


def _with_indexed_references(
    classes: Mapping[str, ModelClass],
) -> dict[str, ModelClass]:
    """Mark the references that keep a place in an ordered collection."""
    marked = {
        (field.target, field.back): field.name
        for one in classes.values()
        for field in one.of_kind(Kind.COLLECTION)
        if field.is_ordered
    }
    finished: dict[str, ModelClass] = {}
    for name, one in classes.items():
        fields = {
            key: replace(field, is_ordered=True, back=marked[field.owner, key])
            if (field.owner, key) in marked
            else field
            for key, field in one.fields.items()
        }
        ancestors = tuple(finished[ancestor.name] for ancestor in one.ancestors)
        finished[name] = replace(one, fields=fields, ancestors=ancestors)
    return finished
