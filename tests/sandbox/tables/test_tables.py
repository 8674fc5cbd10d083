"""What OMERO.tables does, and what it refuses, as its own implementation has it."""

from __future__ import annotations

import math

import Ice
import omero
import omero.all
import omero.grid
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from omero.grid import (
    BoolColumn,
    Data,
    DatasetColumn,
    DoubleArrayColumn,
    DoubleColumn,
    FileColumn,
    FloatArrayColumn,
    ImageColumn,
    LongArrayColumn,
    LongColumn,
    MaskColumn,
    PlateColumn,
    RoiColumn,
    StringColumn,
    WellColumn,
)
from omero.rtypes import rdouble, rfloat, rint, rlong, rstring, unwrap


def five_rows():
    return (
        ImageColumn("Image", "of the row", [10, 11, 12, 13, -1]),
        StringColumn("s", "", 4, ["abcd", "é", "", "b", "ab"]),
        DoubleColumn("x", "", [1.5, math.nan, 3.0, 4.0, 5.0]),
    )


def values_of(data):
    return [column.values for column in data.columns]


def test_tables_are_enabled_and_there_is_a_repository_to_name(resources) -> None:
    assert resources.areTablesEnabled()
    found = resources.repositories()
    assert len(found.descriptions) == len(found.proxies) > 0
    # Asking again makes no second row.
    again = resources.repositories()
    ids = [one.id.val for one in again.descriptions]
    assert ids == [one.id.val for one in found.descriptions]


def test_every_type_of_column_comes_back(new_table) -> None:
    columns = [
        kind(f"n{place}", "ids", [1, 2**40])
        for place, kind in enumerate(
            (
                *(LongColumn, FileColumn, ImageColumn, DatasetColumn),
                *(RoiColumn, WellColumn, PlateColumn),
            )
        )
    ]
    columns += [
        BoolColumn("b", "", [True, False]),
        DoubleColumn("d", "", [1e300, -0.5]),
        StringColumn("s", "", 8, ["µm", "x"]),
        FloatArrayColumn("fa", "", 2, [[0.5, 1.5], [2.5, 3.5]]),
        DoubleArrayColumn("da", "", 1, [[0.1], [0.2]]),
        LongArrayColumn("la", "", 3, [[1, 2, 3], [4, 5, 6]]),
        MaskColumn(
            *("m", "", [1, 2], [0, 0], [0, 1], [1.0, 2.0], [1.0, 2.0]),
            *([8.0, 8.0], [1.0, 1.0], [b"\xaa", b"\x80"]),
        ),
    ]
    table = new_table(*columns)
    headers = table.getHeaders()
    assert [type(one) for one in headers] == [type(one) for one in columns]
    assert [one.name for one in headers] == [one.name for one in columns]
    assert all(not one.values for one in headers if not isinstance(one, MaskColumn))
    assert headers[9].size == 8
    assert headers[12].size == 3
    # Masks are read with an end only: OMERO's storage counts up to it.
    data = table.read(list(range(len(columns))), 0, 2)
    for found, sent in zip(data.columns[:-1], columns[:-1], strict=True):
        assert found.values == sent.values, found.name
    mask = data.columns[-1]
    assert mask.imageId == [1, 2]
    assert [bytes(one) for one in mask.bytes] == [b"\xaa", b"\x80"]


def test_a_table_is_initialized_once(new_table) -> None:
    table = new_table()
    with pytest.raises(omero.ApiUsageException, match="Not yet initialized"):
        table.getNumberOfRows()
    table.initialize([LongColumn("a", "", [7, 8])])
    assert table.getNumberOfRows() == 0
    with pytest.raises(omero.ValidationException, match=r"Already initialized\."):
        table.initialize([LongColumn("a", "", [])])


@pytest.mark.parametrize(
    ("columns", "kind", "complaint"),
    [
        ([], omero.ApiUsageException, "No columns provided"),
        ([LongColumn("", "", [])], omero.ApiUsageException, "Column unnamed"),
        ([LongColumn("__a", "", [])], omero.ApiUsageException, "Reserved column name"),
        (
            [LongColumn("a", "", []), LongColumn("a", "", [])],
            omero.ApiUsageException,
            "Duplicate column name: a",
        ),
        (
            [StringColumn("a", "", 0, [])],
            omero.ApiUsageException,
            r"String size must be > 0 \(Column: a\)",
        ),
        ([LongColumn("a/b", "", [])], omero.InternalException, "ValueError"),
    ],
)
def test_columns_that_are_refused(new_table, columns, kind, complaint) -> None:
    with pytest.raises(kind, match=complaint):
        new_table().initialize(columns)


def test_names_with_blanks_and_letters_of_all_languages(new_table) -> None:
    table = new_table(LongColumn("größe µ", "", [1]), LongColumn("class", "", [2]))
    assert values_of(table.read([0, 1], 0, 0)) == [[1], [2]]


def test_strings_are_counted_in_bytes(new_table) -> None:
    table = new_table(StringColumn("s", "", 4, []))
    for text in ("abcde", "ééé"):
        with pytest.raises(
            omero.ValidationException,
            match=r"Maximum string \(byte\) length in column s is 4",
        ):
            table.addData([StringColumn("s", "", 4, ["a", text])])
    assert table.getNumberOfRows() == 0


def test_columns_of_different_length_are_refused(new_table) -> None:
    table = new_table(LongColumn("a", "", []), LongColumn("b", "", []))
    with pytest.raises(omero.ValidationException) as refused:
        table.addData([LongColumn("a", "", [1]), LongColumn("b", "", [1, 2])])
    assert "Columns are of differing length" in str(refused.value)
    assert table.getNumberOfRows() == 0


def test_columns_cannot_be_added(new_table) -> None:
    table = new_table(LongColumn("a", "", [1]))
    with pytest.raises(omero.ApiUsageException, match="NYI"):
        table.addColumn(LongColumn("b", "", []))


def test_reading_rows(new_table) -> None:
    table = new_table(*five_rows())
    every = table.read([0, 1], 0, 0)
    assert values_of(every) == [five_rows()[0].values, five_rows()[1].values]
    assert every.rowNumbers == [0, 1, 2, 3, 4]
    assert math.isnan(table.read([2], 1, 2).columns[0].values[0])
    # The values end with the table, the numbers of rows do not.
    beyond = table.read([0], 3, 8)
    assert values_of(beyond) == [[13, -1]]
    assert beyond.rowNumbers == [3, 4, 5, 6, 7]
    assert values_of(table.read([0], 9, 12)) == [[]]
    with pytest.raises(omero.ApiUsageException, match=r"Columns not specified: \[\]"):
        table.read([], 0, 0)
    with pytest.raises(omero.ApiUsageException, match="Column overflow: 9 >= 3"):
        table.read([9], 0, 0)


def test_reading_chosen_rows(new_table) -> None:
    table = new_table(*five_rows())
    assert values_of(table.readCoordinates([3, 0, 3]))[0] == [13, 10, 13]
    assert values_of(table.readCoordinates([-1]))[0] == [-1]
    with pytest.raises(omero.ApiUsageException, match=r"Rows not specified: \[\]"):
        table.readCoordinates([])
    with pytest.raises(omero.ApiUsageException, match="Row overflow: 99 >= 5"):
        table.readCoordinates([99])
    assert values_of(table.slice([1], [0, 3])) == [["abcd", "b"]]
    assert len(table.slice([], []).columns) == 3


def test_row_numbers_can_be_left_out(new_table) -> None:
    table = new_table(*five_rows())
    context = {"omero.tables.include_row_numbers": "false"}
    assert table.read([0], 0, 0, context).rowNumbers == []


def test_conditions(new_table) -> None:
    table = new_table(*five_rows())
    rows = table.getNumberOfRows()
    assert table.getWhereList("x >= 3", None, 0, rows, 1) == [2, 3, 4]
    assert table.getWhereList("x >= 3", None, 0, 0, 1) == [2, 3, 4]
    # Neither an end nor a step: only the first row is looked at.
    assert table.getWhereList("x >= 3", None, 0, 0, 0) == []
    assert table.getWhereList("x < 2", None, 0, 0, 0) == [0]
    both = '(x > 1) & (s == "abcd")'
    assert table.getWhereList(both, None, 0, rows, 1) == [0]
    limit = {"limit": rdouble(3.5)}
    assert table.getWhereList("x > limit", limit, 0, rows, 1) == [3, 4]
    # A text among the variables names another column.
    other = {"y": rstring("Image")}
    assert table.getWhereList("y == 12", other, 0, rows, 1) == [2]
    for wrong in ("", "x >", "(x > 1) and (x < 3)", "nothing == 1", 's == "é"'):
        with pytest.raises(omero.ApiUsageException, match="Bad condition"):
            table.getWhereList(wrong, None, 0, rows, 1)


def test_updating_rows(new_table) -> None:
    table = new_table(*five_rows())
    data = Data(
        rowNumbers=[1, 3],
        columns=[
            DoubleColumn("x", "", [9.0, 8.0]),
            StringColumn("s", "", 4, ["n"] * 2),
        ],
    )
    table.update(data)
    assert values_of(table.read([1, 2], 0, 0)) == [
        ["abcd", "n", "", "n", "ab"],
        [1.5, 9.0, 3.0, 8.0, 5.0],
    ]
    with pytest.raises(omero.ApiUsageException, match="Row overflow"):
        table.update(Data(rowNumbers=[7], columns=[DoubleColumn("x", "", [0.0])]))


def test_metadata(new_table) -> None:
    table = new_table(*five_rows())
    assert {"__version", "__initialized"} == set(table.getAllMetadata())
    table.setMetadata("made by", rstring("me"))
    table.setMetadata("number", rint(3))
    table.setMetadata("half", rfloat(0.5))
    assert unwrap(table.getMetadata("made by")) == "me"
    assert table.getMetadata("number") == rlong(3)
    assert unwrap(table.getMetadata("half")) == 0.5
    assert table.getMetadata("nothing") is None
    with pytest.raises(omero.ValidationException):
        table.setMetadata("exact", rdouble(0.5))
    with pytest.raises(omero.ApiUsageException, match="Reserved attribute name"):
        table.setMetadata("__version", rstring("3"))
    table.setAllMetadata({"only": rlong(1)})
    assert set(table.getAllMetadata()) == {"only", "__version", "__initialized"}


def test_size_and_time_are_known_when_the_table_is_closed(gateway, new_table) -> None:
    table = new_table(*five_rows())
    file = table.getOriginalFile()
    assert (file.name.val, file.path.val) == ("measured", "measured")
    assert file.mimetype.val == "OMERO.tables"
    query = gateway.getQueryService()
    before = query.get("OriginalFile", file.id.val)
    assert (before.size, before.hash, before.hasher) == (None, None, None)
    table.close()
    after = query.get("OriginalFile", file.id.val)
    assert after.size.val > 0
    assert after.mtime.val >= before.mtime.val
    with pytest.raises(Ice.ObjectNotExistException):
        table.getNumberOfRows()


def test_a_table_that_was_only_read_is_left_alone(
    gateway, new_table, resources
) -> None:
    table = new_table(*five_rows())
    file = table.getOriginalFile()
    table.close()
    query = gateway.getQueryService()
    event = query.get("OriginalFile", file.id.val).details.updateEvent.id.val
    table = resources.openTable(file)
    assert values_of(table.read([0], 0, 0)) == [[10, 11, 12, 13, -1]]
    table.close()
    again = query.get("OriginalFile", file.id.val)
    assert again.details.updateEvent.id.val == event


def test_two_who_have_it_open_see_each_others_rows(new_table, resources) -> None:
    first = new_table(LongColumn("a", "", [1]))
    second = resources.openTable(first.getOriginalFile())
    second.addData([LongColumn("a", "", [2])])
    second.close()
    assert values_of(first.read([0], 0, 0)) == [[1, 2]]


def test_deleting(gateway, new_table) -> None:
    table = new_table(LongColumn("a", "", [1]))
    file_id = table.getOriginalFile().id.val
    table.delete()
    assert gateway.getQueryService().find("OriginalFile", file_id) is None


def test_files_that_are_no_tables(gateway, resources, tmp_path) -> None:
    with pytest.raises(
        omero.ValidationException, match=r"file must be a managed instance\."
    ):
        resources.openTable(omero.model.OriginalFileI())
    with pytest.raises(omero.ValidationException):
        resources.openTable(omero.model.OriginalFileI(987654321, False))
    text = tmp_path / "notes.txt"
    text.write_text("not a table")
    file = gateway.createOriginalFileFromLocalFile(str(text), mimetype="text/plain")
    with pytest.raises(omero.ValidationException, match="bad path"):
        resources.openTable(omero.model.OriginalFileI(file.getId(), False))


def test_a_table_is_closed_with_its_session(sandbox, gateway) -> None:
    client = omero.client(sandbox.host, sandbox.port)
    session = client.createSession(sandbox.user, sandbox.password)
    table = session.sharedResources().newTable(0, "forgotten")
    table.initialize([LongColumn("a", "", [])])
    table.addData([LongColumn("a", "", [5])])
    file = table.getOriginalFile()
    client.closeSession()
    size = gateway.getQueryService().get("OriginalFile", file.id.val).size
    assert size.val > 0
    found = gateway.c.sf.sharedResources().openTable(file)
    assert values_of(found.read([0], 0, 0)) == [[5]]
    found.close()


@given(
    texts=st.lists(
        st.text(
            st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
            max_size=9,
        ),
        min_size=1,
        max_size=6,
    ),
    numbers=st.lists(st.integers(-(2**63), 2**63 - 1), min_size=6, max_size=6),
    reals=st.lists(st.floats(), min_size=6, max_size=6),
)
@settings(
    max_examples=15,
)
def test_what_goes_in_comes_out(new_table, texts, numbers, reals) -> None:
    count = len(texts)
    columns = [
        StringColumn("s", "", 40, texts),
        LongColumn("n", "", numbers[:count]),
        DoubleColumn("d", "", reals[:count]),
    ]
    data = new_table(*columns).read([0, 1, 2], 0, 0)
    assert data.columns[0].values == texts
    assert data.columns[1].values == numbers[:count]
    assert [repr(one) for one in data.columns[2].values] == [
        repr(one) for one in reals[:count]
    ]
