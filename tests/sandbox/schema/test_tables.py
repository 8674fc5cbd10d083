"""Tables follow from the model."""

from __future__ import annotations

from napari_omero_io.sandbox.schema.model import Kind, load_model
from napari_omero_io.sandbox.schema.tables import DETAILS, build_tables, details_of

MODEL = load_model()
TABLES = build_tables(MODEL)


def test_classes_of_a_hierarchy_share_a_table() -> None:
    assert TABLES["TagAnnotation"] is TABLES["Annotation"]
    assert TABLES["Share"] is TABLES["Session"]
    assert TABLES["Image"] is not TABLES["Pixels"]


def test_every_field_has_its_place() -> None:
    for one in MODEL.classes.values():
        columns = TABLES[one.name].c
        for field in one.fields.values():
            if field.kind is Kind.MAP:
                (key,) = TABLES.pairs(field).c.parent_id.foreign_keys
                assert key.column is columns.id
            elif field.kind is not Kind.COLLECTION:
                assert TABLES.column(one.name, field.name).name in columns
            if field.kind is Kind.UNIT:
                assert TABLES.unit_name(field) in columns
            if field.kind is Kind.REFERENCE and field.is_ordered:
                assert TABLES.index_name(field) in columns


def test_fields_of_one_name_and_two_meanings_have_two_columns() -> None:
    names = {
        name: TABLES.column(name, "type").name for name in ("Arc", "Filament", "Laser")
    }
    assert len(set(names.values())) == 3
    # what the owner of a session is, is not what the owner in details is
    assert TABLES.column("Session", "owner").name != "owner_id"
    assert "owner_id" not in TABLES["Session"].c


def test_fields_of_one_name_and_one_meaning_share_a_column() -> None:
    assert TABLES.column("Rectangle", "x") is TABLES.column("Mask", "x")


def test_references_are_held_by_foreign_keys() -> None:
    for one in MODEL.classes.values():
        for field in one.of_kind(Kind.REFERENCE):
            (key,) = TABLES.column(one.name, field.name).foreign_keys
            assert key.column is TABLES[str(field.target)].c.id
        for member in details_of(one):
            column, target = DETAILS[member]
            (key,) = TABLES[one.name].c[column].foreign_keys
            assert key.column is TABLES[target].c.id


def test_required_fields_of_a_subclass_do_not_bind_its_siblings() -> None:
    assert not TABLES["Session"].c.uuid.nullable
    assert TABLES["Session"].c.itemCount.nullable  # of Share only


def test_details_are_as_the_class_has_them() -> None:
    assert details_of(MODEL["Image"]) == tuple(DETAILS)
    assert details_of(MODEL["Experimenter"]) == ("externalInfo",)
    assert "updateEvent" not in details_of(MODEL["ExternalInfo"])
