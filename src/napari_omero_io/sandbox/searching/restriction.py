"""To which objects a search is restricted, beside its words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from napari_omero_io.sandbox.errors import ApiUsage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_omero_io.sandbox.schema.model import ModelClass

#: From and to, in milliseconds since 1970; None is without limit.
Span: TypeAlias = tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class People:
    """Whose objects: of a user, in a group, or of everybody but these."""

    owner_id: int | None
    group_id: int | None
    is_excluded: bool = False


@dataclass(frozen=True, slots=True)
class Restriction:
    """What is asked of objects beside words.

    Attributes
    ----------
    spans
        By the path to a time.
    annotated_between, annotated_by, annotated_with
        Of their annotations.
    order
        Keys of the order as HQL writes them, with ``x`` for the object.
    """

    ids: tuple[int, ...] | None = None
    people: tuple[People, ...] = ()
    spans: tuple[tuple[str, Span], ...] = ()
    annotated_between: Span | None = None
    annotated_by: tuple[People, ...] = ()
    annotated_with: tuple[str, ...] = ()
    order: tuple[str, ...] = ()

    def with_span(self, path: str, span: Span | None) -> Restriction:
        """Restrict a time, or lift the restriction."""
        others = tuple(one for one in self.spans if one[0] != path)
        return replace(self, spans=others if span is None else (*others, (path, span)))

    def write(self, model_class: ModelClass) -> tuple[str, dict[str, Any]]:
        """Write it as HQL that selects ids, and the values of its parameters."""
        writer = _Writer()
        conditions = list(writer.conditions(self, model_class))
        where = f" where {' and '.join(conditions)}" if conditions else ""
        order = ", ".join((*self.order, "x.id"))
        text = f"select x.id from {model_class.name} x{where} order by {order}"
        return text, writer.values


class _Writer:
    """Writes conditions; collects their values."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def conditions(self, asked: Restriction, one: ModelClass) -> Iterator[str]:
        if asked.ids is not None:
            yield f"x.id in ({self._bind(list(asked.ids))})"
        for people in asked.people:
            yield from self._people("x", people, one)
        for path, span in asked.spans:
            yield from self._span(f"x.{path}", span)
        of_annotations = [
            *(text for who in asked.annotated_by for text in self._people("l", who)),
            *self._span("l.child.details.creationEvent.time", asked.annotated_between),
        ]
        of_annotations += (f"l.child.class = {name}" for name in asked.annotated_with)
        for text in of_annotations:
            link = self._link(one)
            yield f"exists (select l from {link} l where l.parent = x and {text})"

    def _bind(self, value: Any) -> str:
        name = f"v{len(self.values)}"
        self.values[name] = value
        return f":{name}"

    def _people(
        self, alias: str, people: People, one: ModelClass | None = None
    ) -> Iterator[str]:
        if one is not None and one.is_global:
            return
        sign = "<>" if people.is_excluded else "="
        named = (("owner", people.owner_id), ("group", people.group_id))
        for member, id_ in named:
            if id_ is not None:
                yield f"{alias}.details.{member}.id {sign} {self._bind(id_)}"

    def _span(self, path: str, span: Span | None) -> Iterator[str]:
        if span is None:
            return
        for sign, limit in zip((">=", "<="), span, strict=True):
            if limit is not None:
                yield f"{path} {sign} {self._bind(limit)}"

    def _link(self, one: ModelClass) -> str:
        if "annotationLinks" not in one.fields:
            raise ApiUsage(f"A {one.name} has no annotations.")
        return str(one.fields["annotationLinks"].target)


def people_of(details: Any, *, is_excluded: bool) -> tuple[People, ...]:
    """Read owner and group of details; none of either is no restriction."""
    if details is None:
        return ()
    owner, group = details._owner, details._group
    owner_id = None if owner is None or owner._id is None else owner._id._val
    group_id = None if group is None or group._id is None else group._id._val
    if owner_id is None and group_id is None:
        return ()
    return (People(owner_id, group_id, is_excluded),)
