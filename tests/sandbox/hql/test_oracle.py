"""IQuery over Ice against Hibernate's own answers, query by query.

The oracle (`../shared/hql-oracle`) answers with the query engine of OMERO.server over
a sample dataset.  The same dataset is loaded into a sandbox; every line of the
collection of client queries, of `adversarial.hql` and `shapes.hql` beside this file,
and queries that nobody wrote are asked of both, parameters bound in several ways, and
the answers are compared: rows, their order where one is asked for, types, what is
loaded and what is not, errors.

Random queries (`random_queries`) are asked as well, ``HQL_RANDOM=N`` of them.
``HQL_VARIANTS=all`` binds parameters in nine ways instead of two.
"""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import omero
import pytest

from napari_omero_io import Sandbox
from napari_omero_io.sandbox.command import main

from .comparison import compare, expect_answers
from .oracle import ORACLE, SHARED, bind
from .random_queries import write_queries

CORPUS = SHARED / "hql-corpus.txt"
#: Ours: at the limits of the language; and of every shape, wrong ones among them.
ADVERSARIAL = Path(__file__).parent / "adversarial.hql"
SHAPES = Path(__file__).parent / "shapes.hql"
VARIANTS = (0, 1, 2, 3, 4, 5, 9, 10, 12)

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


def queries_by_chance() -> Iterator[dict[str, Any]]:
    for hql in write_queries(seed=1, count=int(os.environ.get("HQL_RANDOM", "150"))):
        finds = hql.startswith(("select a ", "select distinct a "))
        mode = "find" if finds else "projection"
        yield {"hql": hql, "params": {}, "mode": mode, "first": 0, "max": None}


@pytest.fixture(scope="module")
def expected(
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, list[tuple[dict[str, Any], dict[str, Any]]]]:
    """Ask the oracle everything in one go: queries with its answers, by group."""
    folder = tmp_path_factory.mktemp("queries")
    chosen = VARIANTS if os.environ.get("HQL_VARIANTS") == "all" else VARIANTS[:2]
    corpus = CORPUS.read_text(encoding="utf-8").splitlines()
    adversarial = ADVERSARIAL.read_text(encoding="utf-8").splitlines()
    shapes = SHAPES.read_text(encoding="utf-8").splitlines()
    groups = {
        "clients": [one for k in chosen for one in bind(corpus, k, folder)],
        "limits": bind(adversarial, 0, folder),
        "shapes": bind(shapes, 0, folder),
        "parts": list(queries_for_parts()),
        "parameters": list(queries_for_parameters()),
        "chance": list(queries_by_chance()),
    }
    queries = [one for group in groups.values() for one in group]
    answers = iter(expect_answers(queries, folder))
    return {
        name: [(query, next(answers)) for query in group]
        for name, group in groups.items()
    }


@pytest.mark.parametrize(
    "group", ["clients", "limits", "shapes", "parts", "parameters", "chance"]
)
def test_answers_are_hibernates(
    group: str, query_service: Any, expected: dict[str, Any]
) -> None:
    found = (compare(query_service, *pair) for pair in expected[group])
    assert [text for text in found if text is not None] == []
