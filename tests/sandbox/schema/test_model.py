"""The model is what omero-py's generated types say, and what the extras add."""

from __future__ import annotations

import omero.all
import omero.model
import pytest

from napari_omero_io.sandbox.errors import ApiUsage
from napari_omero_io.sandbox.schema.model import Kind, Range, load_model

MODEL = load_model()


@pytest.mark.parametrize(
    "name",
    ["Image", "omero.model.Image", "ome.model.core.Image", "::omero::model::Image"],
)
def test_a_class_is_found_by_any_of_its_names(name: str) -> None:
    assert MODEL.resolve(name) is MODEL["Image"]


def test_an_unknown_class_is_refused_by_name() -> None:
    with pytest.raises(ApiUsage, match="Imagine does not specify a valid class"):
        MODEL.resolve("Imagine")


def test_every_concrete_class_has_an_implementation() -> None:
    concrete = [one for one in MODEL.classes.values() if not one.is_abstract]
    assert len(concrete) > 150
    assert all(hasattr(omero.model, one.name + "I") for one in concrete)


def test_fields_are_those_of_the_generated_classes() -> None:
    for one in MODEL.classes.values():
        if not one.is_abstract:
            implementation = getattr(omero.model, one.name + "I")
            assert {*one.fields, "details"} == set(implementation._field_info._fields)


def test_every_reference_and_collection_leads_to_a_class() -> None:
    for one in MODEL.classes.values():
        for field in one.of_kind(Kind.REFERENCE, Kind.COLLECTION):
            assert field.target in MODEL, f"{one.name}.{field.name}"


def test_a_collection_is_the_other_side_of_a_reference() -> None:
    for one in MODEL.classes.values():
        for field in one.of_kind(Kind.COLLECTION):
            back = MODEL[str(field.target)].fields[str(field.back)]
            assert back.kind is Kind.REFERENCE
            assert one.is_a(MODEL[str(back.target)])
            assert back.is_ordered == field.is_ordered


def test_kinds_come_from_the_types_of_the_members() -> None:
    fields = MODEL["Pixels"].fields
    assert fields["sizeX"].kind is Kind.INT
    assert fields["sizeX"].range == Range(above=0)
    assert (fields["physicalSizeX"].kind, fields["physicalSizeX"].target) == (
        Kind.UNIT,
        "Length",
    )
    assert fields["image"].is_required
    assert not fields["relatedTo"].is_required
    assert MODEL["MapAnnotation"].fields["mapValue"].kind is Kind.MAP
    assert MODEL["Mask"].fields["bytes"].kind is Kind.BYTES
    assert MODEL["OriginalFile"].fields["mtime"].kind is Kind.TIME


def test_hierarchies_share_a_root() -> None:
    tag = MODEL["TagAnnotation"]
    assert tag.root is MODEL["Annotation"]
    assert tag.parent is MODEL["TextAnnotation"]
    assert tag.discriminator == "/basic/text/tag/"
    below = {one.name for one in MODEL.concrete(MODEL["TextAnnotation"])}
    assert below == {"TagAnnotation", "CommentAnnotation", "XmlAnnotation"}


def test_flags_of_classes() -> None:
    assert MODEL["Experimenter"].is_global
    assert MODEL["ExperimenterAnnotationLink"].is_global
    assert not MODEL["ImageAnnotationLink"].is_global
    assert MODEL["Event"].is_immutable
    assert MODEL["PixelsType"].is_enum
    assert not MODEL["Event"].is_enum
    assert MODEL["DatasetImageLink"].is_link
    assert MODEL["DatasetImageLink"].unique == (("parent", "child", "details.owner"),)
    assert MODEL["SessionAnnotationLink"].unique == (("parent", "child"),)
    assert MODEL["Share"].unique == (("uuid",),)


def test_discriminators_differ_within_a_table() -> None:
    for one in MODEL.classes.values():
        if one.root is one:
            stored = [below.discriminator for below in MODEL.below(one)]
            assert len(set(stored)) == len(stored)
