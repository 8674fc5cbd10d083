from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_omero_io.client import wire
from napari_omero_io.client.ice import omero

bytes_ = st.integers(0, 255)


@given(st.tuples(bytes_, bytes_, bytes_, bytes_))
def test_colours_survive(color: tuple[int, int, int, int]) -> None:
    packed = wire.pack_color(color)
    assert -(2**31) <= packed < 2**31
    assert wire.read_color(packed) == color


@pytest.mark.parametrize(
    ("color", "packed"),
    [
        ((255, 0, 0, 255), -16776961),
        ((0, 255, 0, 128), 16711808),
        ((255, 255, 255, 255), -1),
        ((1, 2, 3, 4), 16909060),
        ((0, 0, 0, 0), 0),
    ],
)
def test_colours_are_signed_rgba(color: tuple[int, int, int, int], packed: int) -> None:
    assert wire.pack_color(color) == packed


@pytest.mark.parametrize(
    ("value", "unit", "micrometres"),
    [
        (0.5, "MICROMETER", 0.5),
        (65, "NANOMETER", 0.065),
        (2, "MILLIMETER", 2000),
        (1, "METER", 1e6),
        (3, "ANGSTROM", 3e-4),
        (1, "INCH", 25400),
        (72, "POINT", 25400),
        (5, "PIXEL", None),
        (5, "REFERENCEFRAME", None),
        (0, "MICROMETER", None),
    ],
)
def test_lengths_become_micrometres(
    value: float, unit: str, micrometres: float | None
) -> None:
    length = omero.model.LengthI(value, getattr(omero.model.enums.UnitsLength, unit))
    expected = None if micrometres is None else pytest.approx(micrometres)
    assert wire.read_length(length) == expected


def test_every_unit_of_omero_is_known_or_left_out_on_purpose() -> None:
    units = set(omero.model.enums.UnitsLength._enumerators.values())
    unknown = {str(u) for u in units} - set(wire._MICROMETRES)
    assert unknown == {"PIXEL", "REFERENCEFRAME"}
    times = set(omero.model.enums.UnitsTime._enumerators.values())
    assert {str(u) for u in times} == set(wire._SECONDS)


@given(st.floats(1e-6, 1e6))
def test_lengths_and_times_survive(value: float) -> None:
    assert wire.read_length(wire.make_length(value)) == value
    assert wire.read_time(wire.make_time(value)) == value


def test_null_is_none() -> None:
    assert wire.read_length(None) is None
    assert wire.read_time(None) is None
    assert wire.unbox(None) is None
    assert wire.read_text(None) == ""


def test_boxes_parameters_by_their_type() -> None:
    boxed = wire.make_parameters(
        id=3, name="a", ids=[1, 2], flag=True, first=10, limit=5
    )
    assert {k: type(v).__name__ for k, v in boxed.map.items()} == {
        "id": "RLongI",
        "name": "RStringI",
        "ids": "RListI",
        "flag": "RBoolI",
    }
    assert (boxed.theFilter.offset.val, boxed.theFilter.limit.val) == (10, 5)


def test_a_reference_holds_class_and_id_only() -> None:
    image = wire.refer("Image", 5)
    assert isinstance(image, omero.model.ImageI)
    assert (image.id.val, image.loaded) == (5, False)
