"""Questions to Hibernate, and the same questions to the sandbox over Ice.

The oracle stands beside the project where its makers work (`../shared/hql-oracle`).
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import omero
import omero.all
import omero.model
import omero.rtypes as boxed
import pytest

from .answers import describe_loaded, kinds, plain

SHARED = Path(__file__).parents[4] / "shared"
ORACLE = SHARED / "hql-oracle"


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
    """Ask all queries in one go.

    Answers are kept beside the oracle's own compiled part: the same questions are
    asked again and again, and it takes its time.
    """
    path = folder / "queries.jsonl"
    path.write_text("\n".join(map(json.dumps, queries)), encoding="utf-8")
    kept = _place_of_answers(path)
    if kept.exists():
        return [json.loads(line) for line in kept.read_text("utf-8").splitlines()]
    done = subprocess.run(
        [ORACLE / "oracle", ORACLE / "sample.json", path],
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    if done.returncode:
        pytest.skip(f"the oracle does not run here: {done.stderr.strip()[-300:]}")
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(done.stdout, encoding="utf-8")
    return [json.loads(line) for line in done.stdout.splitlines()]


def _place_of_answers(queries: Path) -> Path:
    """Return where answers are kept; another oracle's are elsewhere."""
    digest = hashlib.sha256(queries.read_bytes())
    for path in sorted(ORACLE.iterdir()):
        digest.update(path.read_bytes())
    cache_home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache_home) / "hql-oracle" / f"answers-{digest.hexdigest()[:16]}.jsonl"


@cache
def read_sample() -> dict[str, list[dict[str, Any]]]:
    sample: dict[str, Any] = json.loads((ORACLE / "sample.json").read_text("utf-8"))
    return sample


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
            rows = [[] if one is None else [boxed.robject(one)] for one in found]
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
