"""IQuery over Ice against Hibernate's own answers, query by query.

The oracle (`../shared/hql-oracle`) answers with the query engine of OMERO.server over
a sample dataset.  The same dataset is loaded into a sandbox; every line of the
collection of client queries, and of `adversarial.hql` beside this file, is asked of
both, with parameters bound in several ways, and the answers are compared: rows, their
order where one is asked for, types, what is loaded and what is not, errors.

``HQL_VARIANTS=all`` binds parameters in nine ways instead of two.
"""

from __future__ import annotations

import itertools
import json
import math
import os
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import omero
import omero.all
import omero.model
import omero.rtypes as boxed
import pytest

from napari_omero_io import Sandbox
from napari_omero_io.sandbox.command import main
from napari_omero_io.sandbox.errors import IllegalQuery
from napari_omero_io.sandbox.hql import tree
from napari_omero_io.sandbox.hql.parse import parse
from napari_omero_io.sandbox.hql.text import write
from napari_omero_io.sandbox.schema.model import load_model

SHARED = Path(__file__).parents[4] / "shared"
ORACLE = SHARED / "hql-oracle"
CORPUS = SHARED / "hql-corpus.txt"
ADVERSARIAL = Path(__file__).parent / "adversarial.hql"
VARIANTS = (0, 1, 2, 3, 4, 5, 9, 10, 12)

#: What differs on purpose; each applies to every query.
DIFFERENCES = """
Ordered collections have no gaps: OMERO.server puts null where an element is missing,
    of which clients make nothing.
Shares and nodes are never loaded, as OMERO.server's security has it; the oracle has
    none.
Sessions and events of the test's own connection are there: they are left out.
An empty list as a parameter finds nothing; Hibernate cannot parse such a query.
"""

pytestmark = [
    # omero-py warns when an object of this class arrives
    pytest.mark.filterwarnings("ignore:Path is deprecated:DeprecationWarning"),
    pytest.mark.skipif(
        not (ORACLE / "oracle").exists(), reason="the oracle is not at hand"
    ),
    pytest.mark.skipif(
        shutil.which("java") is None or not any(Path("/usr/lib/postgresql").glob("*")),
        reason="the oracle needs Java and PostgreSQL (see its README)",
    ),
]


def bind(lines: list[str], variant: int, folder: Path) -> list[dict[str, Any]]:
    """Bind the parameters of queries with values of the dataset."""
    corpus = folder / f"queries-{variant}.txt"
    corpus.write_text("\n".join(lines), encoding="utf-8")
    command = [sys.executable, ORACLE / "bind.py", corpus, ORACLE / "sample.json"]
    done = subprocess.run(
        [*command, "--variant", str(variant)],
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def ask_oracle(queries: list[dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    """Ask all queries in one go."""
    path = folder / "queries.jsonl"
    path.write_text("\n".join(map(json.dumps, queries)), encoding="utf-8")
    done = subprocess.run(
        [ORACLE / "oracle", ORACLE / "sample.json", path],
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    if done.returncode:
        pytest.skip(f"the oracle does not run here: {done.stderr.strip()[-300:]}")
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def query_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Load the dataset, serve it, and connect as root over Ice."""
    folder = tmp_path_factory.mktemp("loaded")
    assert main(["load", str(ORACLE / "sample.json"), "--data", str(folder)]) == 0
    with Sandbox(folder) as running:
        client = omero.client(running.host, running.port)
        try:
            session = client.createSession(running.user, running.password)
            yield session.getQueryService()
        finally:
            client.closeSession()


def ask_sandbox(service: Any, query: dict[str, Any]) -> dict[str, Any]:
    """Ask one query; answer in the oracle's form."""
    parameters = omero.sys.Parameters()
    parameters.map = {
        name: box_parameter(given["type"], given["value"])
        for name, given in query["params"].items()
    }
    parameters.theFilter = omero.sys.Filter()
    parameters.theFilter.offset = boxed.rint(query["first"] or 0)
    if query["max"] is not None:
        parameters.theFilter.limit = boxed.rint(query["max"])
    context = {"omero.group": "-1"}
    try:
        if query["mode"] == "find":
            found = service.findAllByQuery(query["hql"], parameters, context)
            rows = [[None if one is None else boxed.robject(one)] for one in found]
        else:
            rows = service.projection(query["hql"], parameters, context)
    except omero.ServerError as error:
        return {"error": f"{type(error).__name__}: {error.message}"}
    loaded: dict[str, Any] = {}
    for value in itertools.chain.from_iterable(rows):
        describe_loaded(value, loaded)
    return {
        "rows": [[plain(value) for value in row] for row in rows],
        "kinds": [[kinds(value) for value in row] for row in rows],
        "loaded": loaded,
    }


def box_parameter(kind: str, value: Any) -> Any:
    """Box a parameter as clients do."""
    if isinstance(value, list) and kind != "object":
        return boxed.rlist([box_parameter(kind, one) for one in value])
    if kind == "object":
        if value and isinstance(value[0], list):
            return boxed.rlist([box_parameter(kind, one) for one in value])
        name, id_ = value
        return boxed.robject(getattr(omero.model, f"{name}I")(id_, False))
    box = {"bool": boxed.rbool, "time": boxed.rtime, "string": boxed.rstring}
    numbers = {"int": boxed.rint, "long": boxed.rlong, "double": boxed.rdouble}
    return (box | numbers)[kind](value)


def name_of(one: Any) -> list[Any]:
    return [type(one).__name__.removesuffix("I"), one._id._val]


def plain(value: Any) -> Any:
    """Return a boxed value as the oracle writes it."""
    match value:
        case None:
            return None
        case omero.RObject():
            return None if value._val is None else name_of(value._val)
        case omero.RMap():
            found = {key: plain(one) for key, one in value._val.items()}
            if found.keys() == {"value", "unit", "symbol"}:
                del found["symbol"]
            return {"perm": found["perm"]} if "canEdit" in found else found
        case omero.RCollection():
            return [plain(one) for one in value._val]
    return value._val


_KINDS = {
    "RIntI": "integer",
    "RLongI": "long",
    "RDoubleI": "double",
    "RStringI": "string",
    "RBoolI": "boolean",
    "RTimeI": "timestamp",
    "RClassI": "class",
    "RMapI": "component",
}


#: The stored class of a row is a text or a number, except when `type` asks for it.
_ALSO = {"class": ("string", "integer")}


def kinds(value: Any) -> Any:
    """Return the oracle's name for the type of a value."""
    if isinstance(value, omero.RMap) and value._val.keys().isdisjoint({"unit", "perm"}):
        return {key: kinds(one) for key, one in value._val.items()}
    return _KINDS.get(type(value).__name__)


def describe_loaded(value: Any, loaded: dict[str, Any]) -> None:
    """Note what is loaded of everything that can be reached."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, omero.RObject):
            waiting.append(one._val)
        elif isinstance(one, omero.RMap):
            waiting.extend(one._val.values())
        elif isinstance(one, omero.RCollection):
            waiting.extend(one._val)
        elif isinstance(one, omero.model.IObject) and one._loaded:
            name, id_ = name_of(one)
            if f"{name}:{id_}" not in loaded:
                loaded[f"{name}:{id_}"] = members = {}
                waiting.extend(describe(one, members))


def describe(one: Any, members: dict[str, Any]) -> Iterator[Any]:
    """Note the loaded references, collections and maps of one object."""
    attributes = {f"{k}": v for k, v in vars(one).items() if not k.startswith("_xx")}
    details = vars(one._details)
    attributes |= {f"_details.{key[1:]}": v for key, v in details.items()}
    for key, value in attributes.items():
        name = key.removeprefix("_")
        if isinstance(value, omero.model.IObject):
            if value._loaded:
                members[name] = name_of(value)
                yield value
        elif name.endswith("CountPerOwner") and value:
            members[name] = {str(owner): count for owner, count in value.items()}
        elif name.endswith("Seq") and attributes.get(f"{key[:-3]}Loaded"):
            members[name[:-3]] = [name_of(element) for element in value]
            yield from value
        elif isinstance(value, list) and value:
            members[name] = [[pair.name, pair.value or ""] for pair in value]


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
    return {**answer, "loaded": loaded}


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


@cache
def read_sample() -> dict[str, list[dict[str, Any]]]:
    sample: dict[str, Any] = json.loads((ORACLE / "sample.json").read_text("utf-8"))
    return sample


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
            if one not in {None, type_, *_ALSO.get(type_, ())} and type_[0].islower():
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
    if isinstance(items[0].expression, tree.NewMap):
        items = items[0].expression.items
    text = write(replace(parsed, select=(*items, *keys), sources=sources))
    return {**query, "hql": text, "mode": "projection", "max": None, "first": 0}


def ranks_of(query: dict[str, Any], answer: dict[str, Any]) -> Any:
    """Return at which ranks each row may stand: rows of one rank have equal keys."""
    if "error" in answer:
        return None
    parsed = parse(query["hql"])
    names = None
    if parsed.select and isinstance(parsed.select[0].expression, tree.NewMap):
        items = parsed.select[0].expression.items
        names = [item.alias or str(n) for n, item in enumerate(items)]
    ranks: dict[str, list[int]] = defaultdict(list)
    keys: list[Any] = []
    for row in answer["rows"]:
        count = len(row) - len(parsed.order_by)
        values, key = row[:count], row[count:]
        if key not in keys[-1:]:
            keys.append(key)
        mapped = values if names is None else [dict(zip(names, values, strict=True))]
        ranks[as_text([with_rights(one) for one in mapped])].append(len(keys))
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


def compare_all(
    service: Any, queries: list[dict[str, Any]], folder: Path
) -> Iterator[tuple[int, str]]:
    orders = {n: more for n, one in enumerate(queries) if (more := order_query(one))}
    asked = [*queries, *orders.values()]
    answers = ask_oracle([{**one, "id": n} for n, one in enumerate(asked)], folder)
    ordered = dict(zip(orders, answers[len(queries) :], strict=True))
    for number, query in enumerate(queries):
        expected = expected_of(answers[number])
        if number in ordered:
            expected["ranks"] = ranks_of(query, ordered[number])
        found = difference(query, ask_sandbox(service, query), expected)
        if found is not None:
            values = {name: one["value"] for name, one in query["params"].items()}
            yield number, f"{query['hql']}\n    {values}\n    {found}"


#: Queries of which a part is asked for; the first ones fetch collections, so that
#: Hibernate cuts the page out of objects that are loaded already.
PAGED = (
    "select i from Image i left outer join fetch i.datasetLinks l "
    "left outer join fetch l.parent order by i.id",
    "select w from Well w left outer join fetch w.wellSamples ws "
    "left outer join fetch ws.image order by w.id",
    "select f from Folder f left outer join fetch f.childFolders order by f.id",
    "select l from AnnotationAnnotationLink l join fetch l.child c "
    "left outer join fetch c.annotationLinks order by l.id",
    "select e from Experimenter e left outer join fetch e.groupExperimenterMap m "
    "left outer join fetch m.parent g left outer join fetch g.groupExperimenterMap "
    "order by e.id",
    "select p from Pixels p left outer join fetch p.channels "
    "left outer join fetch p.relatedTo order by p.id",
    "select ma from MapAnnotation ma left outer join fetch ma.mapValue order by ma.id",
    "select i from Image i join i.datasetLinks l order by i.id, l.id",
    "select distinct i from Image i join i.datasetLinks l order by i.id",
)


#: What is compared with a parameter, with its type and value.
PARAMETERS = (
    ("double", 64.5, "p.sizeX >= :v"),
    ("double", 0.5, "p.sizeX * :v = 0"),
    ("string", "64", "p.sizeX = :v"),
    ("long", 1, "p.image.name = :v"),
    ("long", 1, "p.image.archived = :v"),
    ("string", "x", "p.details.creationEvent.time > :v"),
    ("long", [64, 128], "p.sizeX in (:v)"),
    ("long", 0, "p.physicalSizeX.value > :v"),
)


def queries_for_parts() -> Iterator[dict[str, Any]]:
    for hql, first, most in itertools.product(PAGED, (0, 1, 2), (1, 2, 3)):
        given = {"params": {}, "mode": "find", "first": first, "max": most}
        yield {"hql": hql, **given}


def queries_for_parameters() -> Iterator[dict[str, Any]]:
    for type_, value, condition in PARAMETERS:
        given = {"params": {"v": {"type": type_, "value": value}}}
        hql = f"select p.id from Pixels p where {condition}"
        yield {"hql": hql, **given, "mode": "projection", "first": 0, "max": None}


@pytest.fixture(scope="module")
def differences(
    query_service: Any, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[str]]:
    """Ask everything, the oracle in one go; note what differs in each group."""
    folder = tmp_path_factory.mktemp("queries")
    chosen = VARIANTS if os.environ.get("HQL_VARIANTS") == "all" else VARIANTS[:2]
    corpus = CORPUS.read_text(encoding="utf-8").splitlines()
    adversarial = ADVERSARIAL.read_text(encoding="utf-8").splitlines()
    groups = {
        "clients": [one for k in chosen for one in bind(corpus, k, folder)],
        "limits": bind(adversarial, 0, folder),
        "parts": list(queries_for_parts()),
        "parameters": list(queries_for_parameters()),
    }
    queries = [one for group in groups.values() for one in group]
    names = [name for name, group in groups.items() for _ in group]
    found: dict[str, list[str]] = {name: [] for name in groups}
    for number, text in compare_all(query_service, queries, folder):
        found[names[number]].append(text)
    return found


@pytest.mark.parametrize("group", ["clients", "limits", "parts", "parameters"])
def test_answers_are_hibernates(group: str, differences: dict[str, list[str]]) -> None:
    assert not differences[group]
