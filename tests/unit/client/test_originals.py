"""Where files go: nowhere else, and no two to one place."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_omero_io.client.originals import OriginalFile, make_safe, place_files

_NAMES = st.text(min_size=0, max_size=12) | st.sampled_from(
    ["..", ".", "/etc/passwd", "a/b", "..\\..\\x", "CON", "con.txt", "a.tif", "A.TIF"]
)
_FILES = st.lists(
    st.builds(
        lambda name, folders, fileset: (name, "/".join(folders), fileset),
        _NAMES,
        st.lists(_NAMES, max_size=3),
        st.sampled_from("123"),
    ),
    max_size=8,
)


def make_files(*facts: tuple[str, str, str], prefix: str = "") -> list[OriginalFile]:
    return [
        OriginalFile(number, name, path, fileset, prefix)
        for number, (name, path, fileset) in enumerate(facts, 1)
    ]


@given(_FILES)
def test_nothing_leaves_the_folder_and_no_two_share_a_place(facts):
    files = make_files(*facts)
    placed = place_files(files)
    assert set(placed) == set(files)
    keys = [tuple(p.casefold() for p in place.parts) for place in placed.values()]
    assert len(set(keys)) == len(keys)
    for place, key in zip(placed.values(), keys, strict=True):
        assert not place.is_absolute()
        for part in place.parts:
            assert part not in ("", ".", "..")
            assert not set(part) & set('/\\:*?"<>|\0\n')
            assert len(part.encode()) <= 200
        # no file is where another one needs a folder
        assert not any(key == other[: len(key)] for other in keys if other != key)


@given(st.text())
def test_a_safe_name_is_safe_and_stays(name):
    safe = make_safe(name)
    assert safe
    assert make_safe(safe) == safe


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("cells.ome.tif", "cells.ome.tif"),
        ("画像 1.tif", "画像 1.tif"),
        ("../../.ssh/id", ".._.._.ssh_id"),
        ("..", "_"),
        ("nul.tif", "_nul.tif"),
        ("a:b*c?.tif", "a_b_c_.tif"),
        ("trailing. ", "trailing"),
        ("x" * 300 + ".tif", "x" * 196 + ".tif"),
    ],
)
def test_names_are_changed_as_little_as_may_be(name, safe):
    assert make_safe(name) == safe


def test_a_fileset_keeps_its_folders():
    files = make_files(
        ("plate.companion.ome", "ann_2/2026-11/21/10-00/scan/", "1"),
        ("A1.tif", "ann_2/2026-11/21/10-00/scan/A/", "1"),
        ("A1.tif", "ann_2/2026-11/21/10-00/scan/B/", "1"),
        prefix="ann_2/2026-11/21/10-00/",
    )
    assert [str(place) for place in place_files(files).values()] == [
        "scan/plate.companion.ome",
        "scan/A/A1.tif",
        "scan/B/A1.tif",
    ]


def test_without_a_prefix_the_common_folders_are_left_out():
    files = make_files(("a.lsm", "x/y/", "1"), ("b.lsm", "x/y/z/", "1"))
    assert [str(place) for place in place_files(files).values()] == ["a.lsm", "z/b.lsm"]


def test_steps_upwards_are_no_folders():
    files = make_files(("a.lsm", "x/../y/", "1"), ("b.lsm", "x/./", "1"))
    assert [str(place) for place in place_files(files).values()] == ["y/a.lsm", "b.lsm"]


def test_a_fileset_that_clashes_goes_into_its_own_folder_whole():
    files = make_files(
        ("a.tif", "", "7"),
        ("A.tif", "", "8"),
        ("b.tif", "", "8"),
        ("c.tif", "", "9"),
    )
    assert [str(place) for place in place_files(files).values()] == [
        "a.tif",
        "Fileset 8/A.tif",
        "Fileset 8/b.tif",
        "c.tif",
    ]


def test_places_that_are_not_free_are_not_taken():
    occupied = {PurePosixPath("a.tif"), PurePosixPath("Fileset 7/a.tif")}
    (place,) = place_files(
        make_files(("a.tif", "", "7")), lambda place, _: place not in occupied
    ).values()
    assert str(place) == "Fileset 7 (2)/a.tif"
