"""Texts of the queries that find the tables about an object, in our own words."""

from __future__ import annotations

#: Tables attached to what ``{where}`` names.
_ATTACHED = """
    select link.parent.id, attached.ns, file.id, file.name
    from {type}AnnotationLink link, FileAnnotation attached join attached.file file
    where attached.id = link.child.id and file.mimetype = :mimetype and {where}
    order by file.id
"""

#: The classes that may have tables about an image, and which of them it belongs to.
_OF_IMAGE = {
    "Image": "link.parent.id = :id",
    "Roi": "link.parent.id in (select roi.id from Roi roi where roi.image.id = :id)",
    "Dataset": "link.parent.id in (select content.parent.id "
    "from DatasetImageLink content where content.child.id = :id)",
    "Project": "link.parent.id in (select up.parent.id from ProjectDatasetLink up, "
    "DatasetImageLink content where up.child.id = content.parent.id "
    "and content.child.id = :id)",
    "Well": "link.parent.id in (select sample.well.id from WellSample sample "
    "where sample.image.id = :id)",
    "Plate": "link.parent.id in (select sample.well.plate.id from WellSample sample "
    "where sample.image.id = :id)",
    "Screen": "link.parent.id in (select up.parent.id from ScreenPlateLink up, "
    "WellSample sample where up.child.id = sample.well.plate.id "
    "and sample.image.id = :id)",
}
_OF_WELL = {
    "Well": "link.parent.id = :id",
    "Plate": "link.parent.id in (select well.plate.id from Well well "
    "where well.id = :id)",
    "Screen": "link.parent.id in (select up.parent.id from ScreenPlateLink up, "
    "Well well where up.child.id = well.plate.id and well.id = :id)",
}


def find_queries(class_name: str) -> dict[str, str]:
    """Give a query for each class whose tables may be about an object of a class."""
    places = {"Image": _OF_IMAGE, "Well": _OF_WELL}.get(
        class_name, {class_name: "link.parent.id = :id"}
    )
    return {
        parent: _ATTACHED.format(type=parent, where=where)
        for parent, where in places.items()
    }
