"""omero.api.Search: full text and annotations, batch by batch."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

import omero
import omero.model
from omero.rtypes import rstring

from napari_omero_io.sandbox.errors import ApiUsage
from napari_omero_io.sandbox.hql import find, project
from napari_omero_io.sandbox.searching.finding import (
    day_span,
    find_by_annotations,
    find_by_text,
    find_similar,
    load_in_order,
)
from napari_omero_io.sandbox.searching.language import read_query
from napari_omero_io.sandbox.searching.restriction import Restriction, people_of
from napari_omero_io.sandbox.wire.values import unbox_value

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari_omero_io.sandbox.core import Call, Core
    from napari_omero_io.sandbox.schema.model import ModelClass
    from napari_omero_io.sandbox.searching.restriction import Span
    from napari_omero_io.sandbox.sessions import SessionState

#: One search, carried out when its first result is asked for.
Query: TypeAlias = "Callable[[Call], list[Any]]"
#: How the results of two searches become one list.
Joining: TypeAlias = "Callable[[list[Any], list[Any]], list[Any]]"
_BATCH_SIZE = 1000
_CREATED = "details.creationEvent.time"
_MODIFIED = "details.updateEvent.time"


class Search:
    """Queries in a row; each is carried out when its first result is asked for."""

    def __init__(self, core: Core, session: SessionState) -> None:
        self._core = core
        self._queries: deque[Query] = deque()
        self._found: deque[Any] = deque()
        self._joining: Joining | None = None
        self._set_defaults()

    def _set_defaults(self) -> None:
        self._batch_size = _BATCH_SIZE
        self._is_merged = False
        self._is_case_sensitive = False
        self._uses_projections = False
        self._is_unloaded = False
        self._allows_leading_wildcard = False
        self._types: list[ModelClass] = []
        self._asked = Restriction()
        self._fetches: tuple[str, ...] = ()
        self._fetches_annotations = False

    # Settings.

    def resetDefaults(self, call: Call) -> None:
        """Forget all settings and restrictions."""
        self._set_defaults()

    def setBatchSize(self, call: Call, size: int) -> None:
        """Set how many results come at a time."""
        if size < 1:
            raise ApiUsage(f"A batch of {size} holds no result.")
        self._batch_size = size

    def getBatchSize(self, call: Call) -> int:
        """Return how many results come at a time."""
        return self._batch_size

    def setMergedBatches(self, call: Call, merge: bool) -> None:
        """Let a batch hold results of several queries."""
        self._is_merged = merge

    def isMergedBatches(self, call: Call) -> bool:
        """Tell whether a batch holds results of several queries."""
        return self._is_merged

    def setCaseSensitive(self, call: Call, caseSensitive: bool) -> None:
        """Keep a setting that decides on nothing: words are in lower case."""
        self._is_case_sensitive = caseSensitive

    setCaseSentivice = setCaseSensitive

    def isCaseSensitive(self, call: Call) -> bool:
        """Return what was set."""
        return self._is_case_sensitive

    def setUseProjections(self, call: Call, useProjections: bool) -> None:
        """Keep a setting that decides on nothing."""
        self._uses_projections = useProjections

    def isUseProjections(self, call: Call) -> bool:
        """Return what was set."""
        return self._uses_projections

    def setReturnUnloaded(self, call: Call, returnUnloaded: bool) -> None:
        """Answer ids only."""
        self._is_unloaded = returnUnloaded

    def isReturnUnloaded(self, call: Call) -> bool:
        """Tell whether ids only are answered."""
        return self._is_unloaded

    def setAllowLeadingWildcard(self, call: Call, allowLeadingWildcard: bool) -> None:
        """Allow words that begin with a wildcard."""
        self._allows_leading_wildcard = allowLeadingWildcard

    def isAllowLeadingWildcard(self, call: Call) -> bool:
        """Tell whether words may begin with a wildcard."""
        return self._allows_leading_wildcard

    # Restrictions.

    def onlyType(self, call: Call, klass: str) -> None:
        """Look for objects of one class."""
        self._types = [self._core.model.resolve(klass)]

    def onlyTypes(self, call: Call, classes: Sequence[str]) -> None:
        """Look for objects of some classes."""
        self._types = [self._core.model.resolve(klass) for klass in classes]

    def onlyIds(self, call: Call, ids: Sequence[int] | None) -> None:
        """Look at some objects; None at all."""
        self._asked = replace(self._asked, ids=None if ids is None else tuple(ids))

    def onlyOwnedBy(self, call: Call, d: Any) -> None:
        """Look at the objects of a user, or in a group."""
        self._asked = replace(self._asked, people=people_of(d, is_excluded=False))

    def notOwnedBy(self, call: Call, d: Any) -> None:
        """Leave out the objects of a user, or in a group."""
        self._asked = replace(self._asked, people=people_of(d, is_excluded=True))

    def onlyCreatedBetween(self, call: Call, start: Any, stop: Any) -> None:
        """Look at what was created in a time."""
        self._asked = self._asked.with_span(_CREATED, _span(start, stop))

    def onlyModifiedBetween(self, call: Call, start: Any, stop: Any) -> None:
        """Look at what was changed in a time."""
        self._asked = self._asked.with_span(_MODIFIED, _span(start, stop))

    def onlyAnnotatedBetween(self, call: Call, start: Any, stop: Any) -> None:
        """Look at what was annotated in a time."""
        self._asked = replace(self._asked, annotated_between=_span(start, stop))

    def onlyAnnotatedBy(self, call: Call, d: Any) -> None:
        """Look at what a user has annotated."""
        self._asked = replace(self._asked, annotated_by=people_of(d, is_excluded=False))

    def notAnnotatedBy(self, call: Call, d: Any) -> None:
        """Look at what somebody else has annotated."""
        self._asked = replace(self._asked, annotated_by=people_of(d, is_excluded=True))

    def onlyAnnotatedWith(self, call: Call, classes: Sequence[str]) -> None:
        """Look at what has annotations of these classes."""
        names = tuple(self._core.model.resolve(one).name for one in classes)
        self._asked = replace(self._asked, annotated_with=names)

    def addOrderByAsc(self, call: Call, path: str) -> None:
        """Order by a property."""
        self._asked = replace(self._asked, order=(*self._asked.order, f"x.{path} asc"))

    def addOrderByDesc(self, call: Call, path: str) -> None:
        """Order by a property, the largest first."""
        self._asked = replace(self._asked, order=(*self._asked.order, f"x.{path} desc"))

    def unordered(self, call: Call) -> None:
        """Answer the best first."""
        self._asked = replace(self._asked, order=())

    def fetchAnnotations(self, call: Call, classes: Sequence[str]) -> None:
        """Let what is found come with its annotations; no classes: without."""
        for klass in classes or ():
            self._core.model.resolve(klass)
        self._fetches_annotations = bool(classes)

    def fetchAlso(self, call: Call, fetches: Sequence[str]) -> None:
        """Load what these properties of the results lead to as well."""
        self._fetches = tuple(fetches or ())

    # Queries together.

    def or_(self, call: Call) -> None:
        """Answer what the last query or the next one finds; twice what both do."""
        self._join(lambda one, other: [*one, *other])

    def and_(self, call: Call) -> None:
        """Answer what both the last query and the next one find."""
        self._join(lambda one, other: _without(one, _without(one, other)))

    def not_(self, call: Call) -> None:
        """Answer what the last query finds and the next one does not."""
        self._join(_without)

    def _join(self, joining: Joining) -> None:
        if not self._queries:
            raise ApiUsage("There is no query to be joined with the next one.")
        self._joining = joining

    def _add(self, carry_out: Query) -> None:
        """Add a query, or join it with the last one."""
        joining, self._joining = self._joining, None
        if joining is None or not self._queries:
            self._queries.append(carry_out)
            return
        last = self._queries.pop()
        self._queries.append(lambda call: joining(last(call), carry_out(call)))

    # Queries.

    def bySimilarTerms(self, call: Call, terms: Sequence[str]) -> None:
        """Look for words that are spelt almost like the first of these terms.

        The results are comments that nobody has saved: the term is their namespace,
        the word their text.
        """
        one = self._only_type()
        if not terms:
            raise ApiUsage("There is no term to look for.")

        def carry_out(call: Call) -> list[Any]:
            with self._core.database.read() as connection:
                words = find_similar(connection, call, one, terms[0])
            return [_make_comment(terms[0], word) for word in words]

        self._add(carry_out)

    def byFullText(self, call: Call, query: str) -> None:
        """Look for words."""
        self._add_text(query, (), self._asked)

    def byLuceneQueryBuilder(
        self,
        call: Call,
        fields: str,
        from_: str,
        to: str,
        dateType: str,
        query: str,
    ) -> None:
        """Look for words in some fields, of objects from some days (``YYYYMMDD``)."""
        listed = tuple(one.strip() for one in (fields or "").split(",") if one.strip())
        asked = self._asked
        span = day_span(from_, to)
        if span is not None:
            asked = asked.with_span(dateType or _CREATED, span)
        self._add_text(query, listed, asked)

    def bySomeMustNone(
        self, call: Call, some: Sequence[str], must: Sequence[str], none: Sequence[str]
    ) -> None:
        """Look for some words, all of others, and none of the rest."""
        parts = [*(some or ())]
        parts += (f"+{one}" for one in must or ())
        parts += (f"-{one}" for one in none or ())
        self._add_text(" ".join(parts), (), self._asked)

    def byAnnotatedWith(self, call: Call, examples: Sequence[Any]) -> None:
        """Look for what has annotations like all of these examples."""
        one, asked = self._only_type(), self._asked
        known = [example for example in examples if example is not None]

        def carry_out(call: Call) -> list[Any]:
            with self._core.database.read() as connection:
                ids = find_by_annotations(connection, call, one, known, asked)
                return self._load(connection, call, one, ids)

        self._add(carry_out)

    def byGroupForTags(self, call: Call, group: str) -> None:
        """Look for the texts of tags that a tag is on."""
        self._add_tags("l.parent", "l.child", group)

    def byTagForGroups(self, call: Call, tag: str) -> None:
        """Look for the texts of tags that are on a tag."""
        self._add_tags("l.child", "l.parent", tag)

    def byHqlQuery(self, call: Call, query: str, params: Any) -> None:
        """Look for what a query selects."""
        parameters = {} if params is None or params.map is None else params.map

        def carry_out(call: Call) -> list[Any]:
            with self._core.database.read() as connection:
                return find(connection, call, query, parameters)

        self._add(carry_out)

    def clearQueries(self, call: Call) -> None:
        """Forget all queries and their results."""
        self._queries.clear()
        self._found.clear()
        self._joining = None

    def activeQueries(self, call: Call) -> int:
        """Return how many queries have results left, as far as is known."""
        return len(self._queries) + bool(self._found)

    # Results.

    def hasNext(self, call: Call) -> bool:
        """Tell whether a result is left."""
        while not self._found and self._queries:
            self._found.extend(self._queries.popleft()(call))
        return bool(self._found)

    def next(self, call: Call) -> Any:
        """Return one result."""
        self._require_result(call)
        return self._found.popleft()

    def results(self, call: Call) -> list[Any]:
        """Return a batch of results."""
        self._require_result(call)
        batch: list[Any] = []
        while len(batch) < self._batch_size and self._found:
            batch.append(self._found.popleft())
            if self._is_merged:
                self.hasNext(call)
        return batch

    def _require_result(self, call: Call) -> None:
        if not self.hasNext(call):
            raise ApiUsage("No elements: ask hasNext first.")

    def _only_type(self) -> ModelClass:
        if len(self._types) != 1:
            raise ApiUsage("A search wants one type: see onlyType.")
        return self._types[0]

    def _add_text(self, text: str, fields: Sequence[str], asked: Restriction) -> None:
        one, leading = self._only_type(), self._allows_leading_wildcard
        query = read_query(text or "", allows_leading_wildcard=leading)

        def carry_out(call: Call) -> list[Any]:
            with self._core.database.read() as connection:
                ids = find_by_text(connection, call, one, query, fields, asked)
                return self._load(connection, call, one, ids)

        self._add(carry_out)

    def _add_tags(self, wanted: str, given: str, text: str) -> None:
        is_given = f"and {given}.textValue = :text " if text else ""
        hql = (
            f"select {wanted}.textValue from AnnotationAnnotationLink l "
            f"where {given}.class = TagAnnotation and {wanted}.class = TagAnnotation "
            f"{is_given}order by {wanted}.id"
        )

        def carry_out(call: Call) -> list[Any]:
            with self._core.database.read() as connection:
                rows = project(connection, call, hql, {"text": text})
            return [_make_tag(value) for (value,) in rows]

        self._add(carry_out)

    def _load(
        self, connection: Any, call: Call, one: ModelClass, ids: Sequence[int]
    ) -> list[Any]:
        if self._is_unloaded:
            return [getattr(omero.model, f"{one.name}I")(id_, False) for id_ in ids]
        fetches = self._fetches
        if self._fetches_annotations:  # a link comes with its child
            fetches = (*fetches, "annotationLinks")
        return load_in_order(connection, call, one, ids, fetches)


def _without(some: Sequence[Any], others: Sequence[Any]) -> list[Any]:
    """Return some objects without those that are also among others."""
    known = {(type(one), one._id and one._id._val) for one in others}
    return [one for one in some if (type(one), one._id and one._id._val) not in known]


def _make_comment(term: str, word: str) -> Any:
    made = omero.model.CommentAnnotationI()
    made._ns, made._textValue = rstring(term), rstring(word)
    return made


def _make_tag(text: Any) -> Any:
    made = omero.model.TagAnnotationI()
    made._textValue = text
    return made


def _span(start: Any, stop: Any) -> Span | None:
    span = unbox_value(start), unbox_value(stop)
    return None if span == (None, None) else span
