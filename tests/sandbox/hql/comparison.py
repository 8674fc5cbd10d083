"""Hibernate's answers beside the sandbox's: what differs.

`DIFFERENCES` are left on purpose; each applies to every query.
"""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import omero.model

from napari_omero_io.sandbox.errors import IllegalQuery
from napari_omero_io.sandbox.hql import tree
from napari_omero_io.sandbox.hql.parse import parse
from napari_omero_io.sandbox.hql.text import write
from napari_omero_io.sandbox.schema.model import load_model

from .answers import ALSO
from .oracle import ask_oracle, ask_sandbox, read_sample

DIFFERENCES = """
Ordered collections have no gaps: OMERO.server puts null where an element is missing,
    of which clients make nothing.
Shares and nodes are never loaded, as OMERO.server's security has it; the oracle has
    none.
Sessions and events of the test's own connection are there: they are left out.
An empty list as a parameter finds nothing; Hibernate cannot parse such a query.
A row whose only value is null is empty on the wire: OMERO.server sends null rows so.
"""


def expected_of(answer: dict[str, Any]) -> dict[str, Any]:
    """Bring the oracle's answer into a form that can be compared."""
    loaded = {}
    for key, members in answer.get("loaded", {}).items():
        if key.split(":")[0] not in {"Share", "Node"}:
            loaded[key] = {
                name: cut(value)
                for name, value in members.items()
                if value not in ([], {}) or not is_map(key, name)
                if not is_hidden(value)
            }
    expected = {**answer, "loaded": loaded}
    if "rows" in answer:
        expected["rows"] = [on_the_wire(row) for row in answer["rows"]]
    return expected


def on_the_wire(row: list[Any]) -> list[Any]:
    return [] if row == [None] else row


def is_map(key: str, name: str) -> bool:
    field = load_model()[key.split(":")[0]].fields.get(name)
    return field is None or field.kind.value == "map"


def is_hidden(value: Any) -> bool:
    return isinstance(value, list) and value[:1] in (["Share"], ["Node"])


def cut(value: Any) -> Any:
    """Close the gaps of an ordered collection; write null in a map as the wire does."""
    if not isinstance(value, list) or isinstance(next(iter(value), None), str):
        return value
    present = [one for one in value if one is not None]
    return [[one[0], "" if one[1] is None else one[1]] for one in present]


def with_rights(value: Any, name: str = "") -> Any:
    """Write permissions as clients read them.

    An object that `new map` calls ``…_details_permissions`` stands for its own.
    """
    if isinstance(value, dict):
        if value.keys() == {"perm1"}:
            return {"perm": str(omero.model.PermissionsI(value["perm1"]))}
        return {key: with_rights(one, key) for key, one in value.items()}
    if value is not None and name.endswith("_details_permissions"):
        return {"perm": str(omero.model.PermissionsI(permissions_of(*value)))}
    return value


def permissions_of(name: str, id_: int) -> int:
    dataset = read_sample()
    perm1 = {one["id"]: one["details"] for one in dataset["ExperimenterGroup"]}
    (found,) = (one for one in dataset[name] if one["id"] == id_)
    return int(perm1[found.get("details", {}).get("group", 0)]["permissions"])


def difference(query: dict[str, Any], answer: Any, expected: Any) -> str | None:
    """Say what differs."""
    if "error" in answer or "error" in expected:
        if "error" not in expected:
            return f"refused: {answer['error']}"
        if "error" not in answer:
            return f"not refused: {expected['error']}"
        return None
    wanted = [[with_rights(value) for value in row] for row in expected["rows"]]
    rows = answer["rows"]
    if Counter(map(as_text, rows)) != Counter(map(as_text, wanted)):
        return f"rows {rows!r} instead of {wanted!r}"
    if expected["ordered"] and not in_order(rows, wanted, expected.get("ranks")):
        return f"order {rows!r} instead of {wanted!r}"
    for row in answer["kinds"]:
        found = list(row[0].values()) if row and isinstance(row[0], dict) else row
        for one, type_ in zip(found, expected["types"], strict=False):
            if one not in {None, type_, *ALSO.get(type_, ())} and type_[0].islower():
                return f"types {found} instead of {expected['types']}"
    if "_details_permissions" in query["hql"]:
        return None  # the objects themselves are not answered
    for key in sorted(answer["loaded"].keys() | expected["loaded"].keys()):
        found, loaded = answer["loaded"].get(key), expected["loaded"].get(key)
        if found != loaded:
            return f"loaded {key}: {found} instead of {loaded}"
    return None


def as_text(row: Any) -> str:
    return json.dumps(rounded(row), sort_keys=True)


def in_order(rows: list[Any], wanted: list[Any], ranks: Any) -> bool:
    """Tell whether rows are in the order wanted; equal ones may change places."""
    texts = list(map(as_text, rows))
    if texts == list(map(as_text, wanted)):
        return True
    if ranks is None:
        return False
    left = {text: list(places) for text, places in ranks.items()}
    found = [left[text].pop(0) for text in texts]
    return found == sorted(found)


def order_query(query: dict[str, Any]) -> dict[str, Any] | None:
    """Ask for the keys of the order beside what is selected, nothing fetched."""
    try:
        parsed = parse(query["hql"])
    except IllegalQuery:
        return None  # which must be refused by both
    if not parsed.order_by or parsed.distinct:
        return None
    first = next(one for one in parsed.sources if isinstance(one, tree.Root))
    items = parsed.select or (tree.Item(tree.Path((str(first.alias),))),)
    keys = tuple(tree.Item(key.expression) for key in parsed.order_by)
    sources = tuple(
        replace(one, fetch=False) if isinstance(one, tree.Join) else one
        for one in parsed.sources
    )
    if isinstance(items[0].expression, tree.NewMap | tree.NewList):
        items = items[0].expression.items
    text = write(replace(parsed, select=(*items, *keys), sources=sources))
    return {**query, "hql": text, "mode": "projection", "max": None, "first": 0}


def ranks_of(query: dict[str, Any], answer: dict[str, Any]) -> Any:
    """Return at which ranks each row may stand: rows of one rank have equal keys."""
    if "error" in answer:
        return None
    parsed = parse(query["hql"])
    composed = parsed.select[0].expression if parsed.select else None
    names = (
        [item.alias or str(number) for number, item in enumerate(composed.items)]
        if isinstance(composed, tree.NewMap)
        else None
    )
    ranks: dict[str, list[int]] = defaultdict(list)
    keys: list[Any] = []
    for row in answer["rows"]:
        count = len(row) - len(parsed.order_by)
        values, key = row[:count], row[count:]
        if key not in keys[-1:]:
            keys.append(key)
        if names is not None:
            values = [dict(zip(names, values, strict=True))]
        elif isinstance(composed, tree.NewList):
            values = [values]
        values = on_the_wire(values)
        ranks[as_text([with_rights(one) for one in values])].append(len(keys))
    return ranks


def rounded(value: Any) -> Any:
    """Forget the last digits of numbers that were added in another order."""
    match value:
        case float() if math.isfinite(value) and value:
            return round(value, 12 - math.ceil(math.log10(abs(value))))
        case list():
            return [rounded(one) for one in value]
        case dict():
            return {key: rounded(one) for key, one in value.items()}
    return value


def expect_answers(queries: list[dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    """Ask the oracle in one go; bring its answers into the sandbox's form."""
    orders = {n: more for n, one in enumerate(queries) if (more := order_query(one))}
    asked = [*queries, *orders.values()]
    answers = ask_oracle([{**one, "id": n} for n, one in enumerate(asked)], folder)
    ordered = dict(zip(orders, answers[len(queries) :], strict=True))
    expected = [expected_of(answer) for answer in answers[: len(queries)]]
    for number, answer in ordered.items():
        expected[number]["ranks"] = ranks_of(queries[number], answer)
    return expected


def compare(
    service: Any, query: dict[str, Any], expected: dict[str, Any]
) -> str | None:
    """Ask the sandbox one query; say what differs."""
    found = difference(query, ask_sandbox(service, query), expected)
    if found is None:
        return None
    values = {name: one["value"] for name, one in query["params"].items()}
    return f"{query['hql']}\n    {values}\n    {found}"
