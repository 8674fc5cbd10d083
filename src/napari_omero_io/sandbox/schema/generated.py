"""Reading the `omero.model` types that omero-py ships: members, types, flags.

The generated classes tell most of OMERO's model by introspection.  The types of
their members, though, are handed to Ice's C++ part when a class is defined and
cannot be asked for again, so those are read from the definition in the generated
module's own text: ``('_format', (), _M_omero.model._t_Format, False, 0)``.
"""

from __future__ import annotations

import importlib.util
import re
from dataclasses import dataclass
from importlib.abc import InspectLoader
from typing import TYPE_CHECKING, Any

import omero.all  # registers every generated class
import omero.model

if TYPE_CHECKING:
    from collections.abc import Iterator

_MEMBER = re.compile(r"\('_(\w+)', \(\), (?:_M_)?([\w.]+), \w+, \d+\)")
_SEQUENCE = re.compile(r"_t_(\w+Seq) = IcePy\.defineSequence\('[^']+', \(\), (\S+)\)")
_SETTER = re.compile(r"set[A-Z]\w*")


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a generated class.

    Attributes
    ----------
    type_name
        The Ice type without module and prefix: ``RString``, ``Format``,
        ``ImagePixelsSeq``.
    element
        Of a collection: the class of its elements.
    back
        Of a collection: the reference by which an element knows its owner.
    is_required
        The type's own word on whether null is allowed.
    """

    name: str
    type_name: str
    element: str | None = None
    back: str | None = None
    is_required: bool = False
    has_counts: bool = False


@dataclass(frozen=True, slots=True)
class GeneratedClass:
    """One class of `omero.model` as the generated code describes it."""

    name: str
    java_package: str
    parent: str | None
    is_abstract: bool
    is_global: bool
    is_mutable: bool
    is_link: bool
    members: tuple[Member, ...]


def read_classes() -> Iterator[GeneratedClass]:
    """Read every class of the model; a parent comes before its children."""
    for python_class in _walk(omero.model.IObject):
        concrete = _concrete(python_class)
        java_name = concrete.DETAILS.removesuffix("_details")
        if java_name.startswith("ome.model.internal."):  # no rows: Link, Details
            continue
        parent = python_class.__mro__[1]
        yield GeneratedClass(
            name=python_class.__name__,
            java_package=java_name.rpartition(".")[0],
            parent=None if parent is omero.model.IObject else parent.__name__,
            is_abstract=not hasattr(omero.model, python_class.__name__ + "I"),
            # these answer with constants; without an instance no class warns of
            # being deprecated
            is_global=concrete.isGlobal(None),
            is_mutable=concrete.isMutable(None),
            is_link=concrete.isLink(None),
            members=tuple(_read_members(python_class, concrete)),
        )


def _walk(python_class: Any) -> Iterator[Any]:
    """Go through the Slice classes below one, leaving their implementations out."""
    for child in sorted(python_class.__subclasses__(), key=lambda c: str(c.__name__)):
        if getattr(omero.model, child.__name__ + "Prx", None) is not None:
            yield child
            yield from _walk(child)


def _concrete(python_class: Any) -> Any:
    """Return the implementation of a class, or of a first one below it."""
    implementation: Any = getattr(omero.model, python_class.__name__ + "I", None)
    if implementation is not None:
        return implementation
    return _concrete(next(_walk(python_class)))


def _read_members(python_class: Any, concrete: Any) -> Iterator[Member]:
    name = python_class.__name__
    text = _module_text(f"omero_model_{name}_ice")
    definition = text[text.rindex(f"IcePy.defineClass('::omero::model::{name}'") :]
    types = {key: _bare(kind) for key, kind in _MEMBER.findall(definition)}
    sequences = {key: _bare(kind) for key, kind in _SEQUENCE.findall(text)}
    for key, kind in types.items():
        if key == "version" or key.endswith(("Loaded", "CountPerOwner")):
            continue
        if key.endswith("Seq") and kind in sequences:
            key = key.removesuffix("Seq")
            yield Member(
                key,
                kind,
                element=sequences[kind],
                back=_back_reference(concrete, key),
                has_counts=f"{key}CountPerOwner" in types,
            )
        else:
            nullable = getattr(concrete._field_info, key).nullable
            yield Member(key, kind, is_required=not nullable)


def _back_reference(concrete: Any, collection: str) -> str:
    """Find the reference that an adder sets on the added element."""
    sequence = f"_{collection}Seq"
    for name, method in vars(concrete).items():
        code = getattr(method, "__code__", None)
        if name.startswith("add") and code and sequence in code.co_names:
            setters = (used for used in code.co_names if _SETTER.fullmatch(used))
            for setter in setters:
                return str(setter[3].lower() + setter[4:])
    raise LookupError(f"No adder of {concrete.__name__}.{collection} sets its owner.")


def _module_text(name: str) -> str:
    spec = importlib.util.find_spec(name)
    if spec is None or not isinstance(spec.loader, InspectLoader):
        raise ImportError(f"{name} is not to be found.", name=name)
    text = spec.loader.get_source(name)
    if text is None:
        raise ImportError(f"The text of {name} is not to be had.", name=name)
    return text


def _bare(type_name: str) -> str:
    return type_name.rpartition("_t_")[2]
