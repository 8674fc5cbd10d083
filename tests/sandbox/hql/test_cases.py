"""Queries and what they answer: `cases/*.hql`.

A case is a paragraph: a comment that says what it shows, perhaps directives, the
query, and its answer::

    # The reference's own column joins nothing: images without a fileset stay.
    @as ned in bench
    @with {"ids": [1, 4]}
    select i.id, i.fileset.id from Image i where i.id in (:ids)
    -> [1, 1]
    -> [4, null]

``-> […]`` is a row of the answer, in order; objects are written ``"Image:1"``.
``-> error TEXT``: it is refused with these words.  ``-> sql TEXT``: its SQL contains
these words.  ``-> nothing``: no rows.  ``@find`` runs it as `find`, ``@first N`` and
``@limit N`` ask for a part.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import omero
import omero.all
import pytest

from napari_omero_io.sandbox.errors import SandboxError
from napari_omero_io.sandbox.hql import find, project
from napari_omero_io.sandbox.hql.compile import compile_query


@dataclass
class Case:
    """One query with its answer."""

    name: str
    comment: str = ""
    query: str = ""
    directives: dict[str, str] = field(default_factory=dict)
    answers: list[str] = field(default_factory=list)


def read_cases() -> Iterator[Case]:
    for path in sorted((Path(__file__).parent / "cases").glob("*.hql")):
        number = 0
        for paragraph in path.read_text(encoding="utf-8").split("\n\n"):
            case = Case("")
            for line in paragraph.splitlines():
                if line.startswith("#"):
                    case.comment += line.removeprefix("#")
                elif line.startswith("@"):
                    word, _, rest = line.removeprefix("@").partition(" ")
                    case.directives[word] = rest
                elif line.startswith("->"):
                    case.answers.append(line.removeprefix("->").strip())
                else:
                    case.query += line + "\n"
            if case.query.strip():
                number += 1
                case.name = f"{path.stem}-{number}:{case.comment.strip()[:50]}"
                assert case.answers, f"{case.name} has no answer"
                yield case


@pytest.mark.parametrize("case", list(read_cases()), ids=lambda case: case.name)
def test_case(case: Case, laboratory: Any) -> None:
    user, _, group = case.directives.get("as", "mia in lab").partition(" in ")
    call = laboratory.call(user, group)
    query = case.query.strip()
    texts = [text.removeprefix("sql ") for text in case.answers if text[:4] == "sql "]
    if texts:
        sql = " ".join(
            compile_query(query, call.core.database.tables, call.caller).sql.split()
        )
        for text in texts:
            assert text in sql
    rows = [text for text in case.answers if not text.startswith("sql ")]
    if not rows:
        return
    refusal = rows[0].removeprefix("error ") if rows[0].startswith("error ") else None
    if refusal is not None:
        with pytest.raises(SandboxError) as caught:
            run(case, call, query)
        assert refusal in caught.value.message
        return
    expected = [] if rows == ["nothing"] else [json.loads(row) for row in rows]
    assert [
        [plain(value) for value in row] for row in run(case, call, query)
    ] == expected


def run(case: Case, call: Any, query: str) -> list[list[Any]]:
    parameters = json.loads(case.directives.get("with", "{}"))
    first = int(case.directives.get("first", 0))
    limit = int(case.directives["limit"]) if "limit" in case.directives else None
    with call.core.database.read() as connection:
        if "find" in case.directives:
            found = find(connection, call, query, parameters, first, limit)
            return [[one] for one in found]
        return project(connection, call, query, parameters, first, limit)


def plain(value: Any) -> Any:
    """Return a boxed value as JSON writes it; of an int say that it is no long."""
    match value:
        case None:
            return None
        case omero.RObject():
            return plain(value._val)
        case omero.model.IObject():
            return f"{type(value).__name__.removesuffix('I')}:{value._id._val}"
        case omero.RMap():
            return {key: plain(one) for key, one in value._val.items()}
        case omero.RCollection():
            return [plain(one) for one in value._val]
        case omero.RInt():
            return f"int {value._val}"
        case omero.RTime():
            return f"time {value._val}"
        case omero.RClass():
            return f"class {value._val}"
    return value._val
