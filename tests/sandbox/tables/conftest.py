"""Tables over real Ice, as omero-py's own classes write them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import Ice
import pytest

pytest.importorskip("tables", reason="the extra `tables` is not installed")


@pytest.fixture
def resources(gateway) -> Any:
    return gateway.c.sf.sharedResources()


@pytest.fixture
def new_table(resources) -> Iterator[Callable[..., Any]]:
    """Make a table with columns; its rows are those of the columns."""
    made = []

    def make(*columns: Any, name: str = "measured") -> Any:
        table = resources.newTable(0, name)
        made.append(table)
        if columns:
            table.initialize(list(columns))
            if any(column.values for column in columns):
                table.addData(list(columns))
        return table

    yield make
    for table in made:
        with contextlib.suppress(Ice.ObjectNotExistException):
            table.close()
