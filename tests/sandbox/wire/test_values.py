"""Boxing and unboxing of values."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import omero
import omero.all
import omero.model
import omero.rtypes as boxed
import pytest
from hypothesis import given

from napari_omero_io.sandbox.errors import ApiUsage
from napari_omero_io.sandbox.rules.permissions import Restrictions
from napari_omero_io.sandbox.schema.model import Kind
from napari_omero_io.sandbox.wire.values import (
    BOXERS,
    box_value,
    make_permissions,
    make_unit,
    permissions_map,
    unbox_value,
    unit_map,
)

INTS = st.integers(-(2**31), 2**31 - 1)
LONGS = st.integers(-(2**63), 2**63 - 1)
VALUES = st.one_of(
    st.tuples(st.just(Kind.STRING), st.text()),
    st.tuples(st.just(Kind.INT), INTS),
    st.tuples(st.just(Kind.LONG), LONGS),
    st.tuples(st.just(Kind.TIME), LONGS),
    st.tuples(st.just(Kind.DOUBLE), st.floats(allow_nan=False)),
    st.tuples(st.just(Kind.BOOL), st.booleans()),
)
CLASSES = {
    Kind.STRING: omero.RString,
    Kind.INT: omero.RInt,
    Kind.LONG: omero.RLong,
    Kind.TIME: omero.RTime,
    Kind.DOUBLE: omero.RDouble,
    Kind.BOOL: omero.RBool,
}


@given(VALUES)
def test_a_boxed_value_unboxes_to_itself(pair: tuple[Kind, Any]) -> None:
    kind, value = pair
    made = box_value(value, kind)
    assert isinstance(made, CLASSES[kind])
    assert unbox_value(made) == value
    assert type(unbox_value(made)) is type(value)


@given(st.one_of(st.text(), LONGS, st.booleans(), st.floats(allow_nan=False)))
def test_a_value_of_unknown_kind_keeps_its_value(value: Any) -> None:
    made = box_value(value)
    assert unbox_value(made) == value
    assert type(unbox_value(made)) is type(value)


@given(st.lists(LONGS))
def test_lists_unbox_to_lists(values: list[int]) -> None:
    assert unbox_value(boxed.rlist([boxed.rlong(value) for value in values])) == values
    assert unbox_value(tuple(values)) == values


def test_boxed_values_are_like_those_that_clients_make() -> None:
    for kind, usual in (
        (Kind.STRING, boxed.rstring("x")),
        (Kind.LONG, boxed.rlong(3)),
        (Kind.DOUBLE, boxed.rdouble(0.5)),
        (Kind.TIME, boxed.rtime(4)),
    ):
        made = BOXERS[kind](usual._val)
        assert type(made) is type(usual)
        assert vars(made) == vars(usual)


def test_a_double_stays_a_double_where_sqlite_answers_a_whole_number() -> None:
    assert isinstance(box_value(3, Kind.DOUBLE)._val, float)


def test_null_is_null() -> None:
    assert box_value(None, Kind.STRING) is None
    assert unbox_value(None) is None
    assert unbox_value(boxed.robject(None)) is None


def test_objects_unbox_to_their_ids() -> None:
    image = omero.model.ImageI(7, False)
    assert unbox_value(image) == 7
    assert unbox_value(boxed.robject(image)) == 7
    assert unbox_value(boxed.rlist([boxed.robject(image)])) == [7]


def test_what_means_nothing_to_a_query_is_refused() -> None:
    with pytest.raises(ApiUsage, match="RMapI cannot be the parameter"):
        unbox_value(boxed.rmap({"a": boxed.rint(1)}))


@pytest.mark.parametrize(
    ("unit_class", "unit"),
    [
        (unit_class, str(unit))
        for unit_class in (
            "ElectricPotential",
            "Frequency",
            "Length",
            "Power",
            "Pressure",
            "Temperature",
            "Time",
        )
        for unit in getattr(
            omero.model.enums, f"Units{unit_class}"
        )._enumerators.values()
    ],
)
def test_every_unit_is_made_as_clients_make_it(unit_class: str, unit: str) -> None:
    made = make_unit(unit_class, 2.5, unit)
    python_class = getattr(omero.model, f"{unit_class}I")
    units = getattr(omero.model.enums, f"Units{unit_class}")
    usual = python_class(2.5, getattr(units, unit))
    assert vars(made) == vars(usual)
    answer = boxed.unwrap(unit_map(unit_class, 2.5, unit))
    assert answer == {"value": 2.5, "unit": unit, "symbol": usual.getSymbol()}


def test_no_value_has_no_unit() -> None:
    assert unit_map("Length", None, None) is None


def test_permissions_say_what_is_forbidden() -> None:
    forbidden = Restrictions(False, True, False, True, False, False)
    made = make_permissions(-40, forbidden)
    assert str(made) == "rwra--"
    assert (made.canLink(), made.canEdit()) == (True, False)
    assert (made.canDelete(), made.canAnnotate()) == (True, False)
    free = make_permissions(-8, None)
    assert free._restrictions is None
    assert free.canEdit()


def test_permissions_of_a_projection() -> None:
    forbidden = Restrictions(False, True, False, True, False, False)
    answer = boxed.unwrap(permissions_map(-40, forbidden))
    assert answer["perm"] == "rwra--"
    assert {key for key, value in answer.items() if value is False} == {
        "canEdit",
        "canAnnotate",
    }
