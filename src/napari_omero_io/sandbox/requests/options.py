"""Child options: what a request says of objects that are merely considered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .failure import RequestFailed
from .targets import classes_named

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_omero_io.sandbox.rules.graph import Choice
    from napari_omero_io.sandbox.rules.ownership import Standing
    from napari_omero_io.sandbox.schema.model import Model, ModelClass

#: Options leave annotations of these namespaces alone, unless they name namespaces.
_SPARED_NAMESPACES = frozenset(
    {
        "openmicroscopy.org/omero/import/companionFile",
        "openmicroscopy.org/omero/measurement",
    }
)


@dataclass(frozen=True, slots=True)
class Option:
    """One option, with its classes resolved."""

    included: frozenset[ModelClass]
    excluded: frozenset[ModelClass]
    only_namespaces: frozenset[str]
    other_namespaces: frozenset[str]

    def choose(self, object_: Standing, ns: str | None) -> bool | None:
        """Return True: it goes as an orphan; False: it stays; None: no word on it."""
        is_annotation = any(
            one.name == "Annotation" for one in object_.model_class.ancestors
        )
        if is_annotation:
            if self.only_namespaces and ns not in self.only_namespaces:
                return None
            if ns in self.other_namespaces:
                return None
        if object_.model_class in self.included:
            return True
        if object_.model_class in self.excluded:
            return False
        return None


def read_options(model: Model, options: Iterable[Any] | None) -> Choice:
    """Return the word of a request's options: that of the first which has one.

    Raises
    ------
    RequestFailed
        An option names no class, an unknown one, or namespaces in both ways.
    """
    read = [_read_option(model, option) for option in options or ()]

    def choose(object_: Standing, ns: str | None) -> bool | None:
        for option in read:
            choice = option.choose(object_, ns)
            if choice is not None:
                return choice
        return None

    return choose


def _read_option(model: Model, option: Any) -> Option:
    def classes(names: Iterable[str] | None) -> frozenset[ModelClass]:
        return frozenset(
            one for name in names or () for one in classes_named(model, name)
        )

    included, excluded = classes(option.includeType), classes(option.excludeType)
    only = frozenset(option.includeNs or ())
    others = frozenset(option.excludeNs or ())
    if not (included or excluded):
        raise RequestFailed("bad-options", "an option must name a type")
    if only and others:
        raise RequestFailed(
            "bad-options", "an option may include or exclude namespaces, not both"
        )
    if not (only or others):
        others = _SPARED_NAMESPACES
    return Option(included, excluded, only, others)
