"""Search on the server: words in names, and conditions by tag, key, id, date, owner."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from napari_omero_io.errors import BadReference

from . import row_queries, search_queries
from .browse import NAMED, TYPES, make_row
from .facts import EVERYBODY
from .translate import translated
from .wire import make_parameters, unbox

if TYPE_CHECKING:
    from napari_omero_io.records import ObjectRecord

    from .connection import Connection
    from .facts import Scope

#: What may stand before a colon.
FIELDS = ("name", "description", "tag", "key", "id", "date", "owner")

_TERM = re.compile(r'(?:(\w+):)?("[^"]*"(?:=(?:"[^"]*"|\S*))?|\S+)')
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?$")


@dataclass(frozen=True, slots=True)
class Question:
    """What is searched for; all of it must hold.

    Attributes
    ----------
    words
        Each is in the name or in the description.
    pairs
        Keys, each with its value or None for any.
    since, until
        Bounds of the day of acquisition, or of import where that is not known; `until`
        is not within.
    """

    words: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    descriptions: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str | None], ...] = ()
    ids: tuple[int, ...] = ()
    owners: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


def parse_question(text: str) -> Question:
    """Read what a user has written into a search field.

    ``mitosis tag:good key:stain key:drug=DMSO id:5 date:2024-01..2024-03 owner:anna``;
    quotation marks hold words together.

    Raises
    ------
    BadReference
        Naming the part that is not understood.
    """
    found: dict[str, list[Any]] = {name: [] for name in ("word", *FIELDS)}
    for name, raw in _TERM.findall(text):
        if name and name.lower() not in FIELDS:
            found["word"].append(_strip(f"{name}:{raw}"))
        else:
            found[name.lower() or "word"].append(raw)
    since, until = _read_dates([_strip(raw) for raw in found["date"]])
    return Question(
        words=_strip_all(found["word"]),
        names=_strip_all(found["name"]),
        descriptions=_strip_all(found["description"]),
        tags=_strip_all(found["tag"]),
        pairs=tuple(_read_pair(raw) for raw in found["key"]),
        ids=tuple(_read_id(_strip(raw)) for raw in found["id"]),
        owners=_strip_all(found["owner"]),
        since=since,
        until=until,
    )


def find_objects(
    connection: Connection,
    text: str,
    scope: Scope | None = None,
    limit: int = 500,
) -> list[ObjectRecord]:
    """Read the objects that a question is about, in one round trip.

    Parameters
    ----------
    scope
        Whose data; None for all that the user may see.
    limit
        Of rows for each kind.

    Raises
    ------
    BadReference
        The question is not understood.
    """
    question = parse_question(text)
    if question == Question():
        return []
    query = connection.service("query")
    context = (
        connection.context() if scope is None else connection.context(scope.group_id)
    )
    with translated("search"):
        asked = []
        for kind in NAMED:
            search = _write_query(kind, question, scope)
            wanted = make_parameters(0, limit, **search.values)
            asked.append(query.begin_projection(search.text, wanted, _ctx=context))
        answers = [query.end_projection(each) for each in asked]
    return [
        make_row(row[0].getValue(), kind, unbox(row[1]) if len(row) > 1 else None)
        for kind, answer in zip(NAMED, answers, strict=True)
        for row in answer
    ]


@dataclass(slots=True)
class _Search:
    """A query that is being written."""

    text: str
    values: dict[str, Any] = field(default_factory=dict)

    def add(self, condition: str, **values: Any) -> None:
        """Add a condition, whose parameters get names of their own."""
        number = len(self.values)
        names = {name: f"{name}{number}" for name in values}
        self.text += f" and {condition.format(**names)}"
        self.values |= {names[name]: value for name, value in values.items()}


def _write_query(kind: str, question: Question, scope: Scope | None) -> _Search:
    class_name = TYPES[kind]
    search = _Search(
        search_queries.FIND.format(
            type=class_name, what=row_queries.select_with_count(kind)
        )
    )
    if scope is not None:
        search.add("found.details.group.id = :{group}", group=scope.group_id)
        if scope.owner_id != EVERYBODY:
            search.add("found.details.owner.id = :{person}", person=scope.owner_id)
    for word in question.words:
        search.add(search_queries.WORD, word=_make_pattern(word))
    for word in question.names:
        search.add(search_queries.NAME, word=_make_pattern(word))
    for word in question.descriptions:
        search.add(search_queries.DESCRIPTION, word=_make_pattern(word))
    for tag in question.tags:
        condition = search_queries.TAG.replace("CLASS", class_name)
        search.add(condition, tag=_make_pattern(tag))
    for key, value in question.pairs:
        _add_pair(search, class_name, key, value)
    if question.ids:
        search.add("found.id in (:{ids})", ids=list(question.ids))
    for owner in question.owners:
        search.add(search_queries.OWNER, owner=_make_pattern(owner))
    _add_dates(search, kind, question)
    search.text += " order by lower(found.name), found.id"
    return search


def _add_pair(search: _Search, class_name: str, key: str, value: str | None) -> None:
    if value is None:
        condition = search_queries.KEY.replace("CLASS", class_name)
        search.add(condition, key=key.lower())
    else:
        condition = search_queries.KEY_AND_VALUE.replace("CLASS", class_name)
        search.add(condition, key=key.lower(), value=_make_pattern(value))


def _add_dates(search: _Search, kind: str, question: Question) -> None:
    for sign, bound in ((">=", question.since), ("<", question.until)):
        if bound is not None:
            text = search_queries.TAKEN if kind == "image" else search_queries.MADE
            search.add(text.replace("SIGN", sign), bound=bound)


def _make_pattern(text: str) -> str:
    """Make a LIKE pattern; ``*`` stands for anything, the rest for itself."""
    escaped = text.lower().replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return f"%{escaped.replace('*', '%')}%"


def _strip(raw: str) -> str:
    return raw.replace('"', "").strip()


def _strip_all(raws: list[str]) -> tuple[str, ...]:
    return tuple(filter(None, map(_strip, raws)))


def _read_pair(raw: str) -> tuple[str, str | None]:
    key, sign, value = raw.partition("=")
    return _strip(key), _strip(value) if sign else None


def _read_id(text: str) -> int:
    if not text.isdecimal():
        raise BadReference(
            f"“id:{text}” is not understood: write a number, as in id:5."
        )
    return int(text)


def _read_dates(texts: list[str]) -> tuple[datetime | None, datetime | None]:
    since = until = None
    for text in texts:
        first, dots, last = text.partition("..")
        if first:
            since = _read_span(first)[0]
        if last or not dots:
            until = _read_span(last or first)[1]
    return since, until


def _read_span(text: str) -> tuple[datetime, datetime]:
    """Give the beginning and the end of a year, a month or a day."""
    match = _DATE.match(text)
    if match is None:
        raise _refuse_date(text)
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        begin = datetime(year or 0, month or 1, day or 1, tzinfo=UTC)
        if day:
            return begin, begin + timedelta(days=1)
        if month and month < 12:
            return begin, begin.replace(month=month + 1)
        return begin, begin.replace(year=begin.year + 1, month=1)
    except (ValueError, OverflowError) as error:
        raise _refuse_date(text) from error


def _refuse_date(text: str) -> BadReference:
    return BadReference(
        f"“date:{text}” is not understood: write it as date:2024-05-31, date:2024-05, "
        "date:2024, or with two dots between two of them."
    )
