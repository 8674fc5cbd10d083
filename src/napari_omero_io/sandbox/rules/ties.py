"""The table of `graph_rules`, resolved to columns: how to follow ties in SQL."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from .graph_rules import PARTS, USES, Part, Terms, Use

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Column

    from napari_omero_io.sandbox.schema.tables import Tables


@dataclass(frozen=True, slots=True, eq=False)
class Tie:
    """One reference that the rules know.

    Attributes
    ----------
    column
        Where rows keep the reference; `source` is the root of their class.
    target
        Root of the class that is referred to.
    end
        Of a link: the column of the end with which its other end may go, and that
        end's root.
    """

    column: Column[int]
    source: str
    target: str
    terms: Terms
    end: tuple[Column[int], str] | None = None


@dataclass(frozen=True, slots=True)
class Ties:
    """All ties, by the class from which one follows them.

    Attributes
    ----------
    parts
        By the root of what is referred to.
    uses
        By the root of what refers.
    holders
        The uses again, by the root of what is referred to.
    """

    parts: dict[str, list[Tie]] = field(default_factory=lambda: defaultdict(list))
    uses: dict[str, list[Tie]] = field(default_factory=lambda: defaultdict(list))
    holders: dict[str, list[Tie]] = field(default_factory=lambda: defaultdict(list))


# bounded: a cache must not keep the tables of every database there ever was
@lru_cache(maxsize=4)
def resolve_ties(tables: Tables) -> Ties:
    """Resolve the table of rules, with what holds of every link."""
    ties = Ties()
    for part in (*PARTS, *_parts_of_links(tables)):
        tie = _resolve(tables, part.reference, part.terms)
        ties.parts[tie.target].append(tie)
    for use in (*USES, *_uses_of_annotation_links(tables)):
        tie = _resolve(tables, use.reference, use.terms, use.with_)
        ties.uses[tie.source].append(tie)
        ties.holders[tie.target].append(tie)
    return ties


def annotation_links(
    tables: Tables,
) -> Iterator[tuple[Column[int], Column[int], str]]:
    """Go through the links to annotations: child, parent, and the parent's root."""
    for tie in resolve_ties(tables).holders["Annotation"]:
        assert tie.end is not None
        yield tie.column, *tie.end


def _parts_of_links(tables: Tables) -> Iterator[Part]:
    """Say of every link that it cannot be without either of its ends."""
    for one in tables.model.classes.values():
        if one.is_link:
            yield Part(f"{one.name}.parent", Terms.REGARDLESS)
            yield Part(f"{one.name}.child", Terms.REGARDLESS)


def _uses_of_annotation_links(tables: Tables) -> Iterator[Use]:
    for one in tables.model.classes.values():
        if one.is_link and one.fields["child"].target == "Annotation":
            yield Use(f"{one.name}.child", with_="parent")


def _resolve(
    tables: Tables, reference: str, terms: Terms, with_: str | None = None
) -> Tie:
    class_name, _, field_name = reference.partition(".")
    model = tables.model
    source = model[class_name]

    def root_of(name: str) -> str:
        return model[str(source.fields[name].target)].root.name

    end = None
    if with_ is not None:
        end = (tables.column(class_name, with_), root_of(with_))
    return Tie(
        column=tables.column(class_name, field_name),
        source=source.root.name,
        target=root_of(field_name),
        terms=terms,
        end=end,
    )
