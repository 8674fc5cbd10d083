"""Texts of the queries that give the browser's rows, in our own words.

Each gives an object with its owner, and how many rows there are below it.  ``{whose}``
is either nothing or the condition that it belongs to one user.
"""

from __future__ import annotations

#: Tag sets are tags of this namespace.
TAG_SET = "openmicroscopy.org/omero/insight/tagset"

PROJECTS = """
    select found,
           (select count(link.id) from ProjectDatasetLink link
            where link.parent.id = found.id)
    from Project found join fetch found.details.owner
    where found.details.group.id = :group {whose}
    order by lower(found.name), found.id
"""
DATASETS = """
    select found,
           (select count(content.id) from DatasetImageLink content
            where content.parent.id = found.id)
    from Dataset found join fetch found.details.owner
    where found.details.group.id = :group {whose}
    and not exists (select link.id from ProjectDatasetLink link
                    where link.child.id = found.id)
    order by lower(found.name), found.id
"""
SCREENS = """
    select found,
           (select count(link.id) from ScreenPlateLink link
            where link.parent.id = found.id)
    from Screen found join fetch found.details.owner
    where found.details.group.id = :group {whose}
    order by lower(found.name), found.id
"""
PLATES = """
    select found,
           (select count(well.id) from Well well where well.plate.id = found.id)
    from Plate found join fetch found.details.owner
    where found.details.group.id = :group {whose}
    and not exists (select link.id from ScreenPlateLink link
                    where link.child.id = found.id)
    order by lower(found.name), found.id
"""
#: Images that are in no dataset and no well.
IMAGES = """
    select found from Image found join fetch found.details.owner
    where found.details.group.id = :group {whose}
    and not exists (select link.id from DatasetImageLink link
                    where link.child.id = found.id)
    and not exists (select sample.id from WellSample sample
                    where sample.image.id = found.id)
    order by lower(found.name), found.id
"""
#: How many such images there are, and how many tags.
COUNTS = """
    select (select count(found.id) from Image found
            where found.details.group.id = :group {whose}
            and not exists (select link.id from DatasetImageLink link
                            where link.child.id = found.id)
            and not exists (select sample.id from WellSample sample
                            where sample.image.id = found.id)),
           (select count(found.id) from TagAnnotation found
            where found.details.group.id = :group {whose})
    from ExperimenterGroup here where here.id = :group
"""
#: Of one user.
OWNED = "and found.details.owner.id = :owner"

_BELOW_TAG = """
           (select count(member.id) from AnnotationAnnotationLink member
            where member.parent.id = found.id),
           (select count(link.id) from ImageAnnotationLink link
            where link.child.id = found.id),
           (select count(link.id) from DatasetAnnotationLink link
            where link.child.id = found.id),
           (select count(link.id) from ProjectAnnotationLink link
            where link.child.id = found.id),
           (select count(link.id) from ScreenAnnotationLink link
            where link.child.id = found.id),
           (select count(link.id) from PlateAnnotationLink link
            where link.child.id = found.id)
"""
#: Tag sets, and tags that are in none; the counts are of tags in it, then of objects
#: of each kind.
TAGS = f"""
    select found, {_BELOW_TAG}
    from TagAnnotation found join fetch found.details.owner
    where found.details.group.id = :group {{whose}}
    and not exists (select above.id from AnnotationAnnotationLink above
                    where above.child.id = found.id)
    order by lower(found.textValue), found.id
"""
TAGS_OF_SET = f"""
    select found, {_BELOW_TAG}
    from TagAnnotation found join fetch found.details.owner
    where exists (select above.id from AnnotationAnnotationLink above
                  where above.child.id = found.id and above.parent.id = :id)
    order by lower(found.textValue), found.id
"""
#: How many rows there are below an object, by its kind.
BELOW = {
    "project": """
        select count(link.id) from ProjectDatasetLink link
        where link.parent.id = found.id""",
    "dataset": """
        select count(link.id) from DatasetImageLink link
        where link.parent.id = found.id""",
    "screen": """
        select count(link.id) from ScreenPlateLink link
        where link.parent.id = found.id""",
    "plate": "select count(well.id) from Well well where well.plate.id = found.id",
}
#: ``{type}`` is one of OMERO's classes that have names.
TAGGED = """
    select {what} from {type} found join fetch found.details.owner
    where exists (select link.id from {type}AnnotationLink link
                  where link.parent.id = found.id and link.child.id = :id)
    order by lower(found.name), found.id
"""

RUNS = """
    select found,
           (select count(well.id) from Well well
            where well.plate.id = found.plate.id
            and exists (select sample.id from WellSample sample
                        where sample.well.id = well.id
                        and sample.plateAcquisition.id = found.id))
    from PlateAcquisition found join fetch found.details.owner
    where found.plate.id = :id
    order by found.id
"""
WELLS_OF_RUN = """
    select found,
           (select count(sample.id) from WellSample sample
            where sample.well.id = found.id and sample.plateAcquisition.id = :id)
    from Well found join fetch found.details.owner
    where exists (select sample.id from WellSample sample
                  where sample.well.id = found.id
                  and sample.plateAcquisition.id = :id)
    order by found.row, found.column, found.id
"""
IMAGES_OF_WELL_IN_RUN = """
    select found from Image found join fetch found.details.owner
    where exists (select sample.id from WellSample sample
                  where sample.image.id = found.id and sample.well.id = :id
                  and sample.plateAcquisition.id = :run)
    order by found.id
"""

#: Which groups there are for the user, with all their members.
MEMBERS = """
    select map.parent.id, map.parent.name,
           map.child.id, map.child.omeName, map.child.firstName, map.child.lastName
    from GroupExperimenterMap map
    where map.parent.name not in ('system', 'user', 'guest') {mine}
    order by lower(map.parent.name), lower(map.child.omeName)
"""
MINE = """
    and exists (select own.id from GroupExperimenterMap own
                where own.parent.id = map.parent.id and own.child.id = :user)
"""

#: What thumbnails depend on: the pixels, and the last change of anybody's settings.
PICTURES = """
    select pixels.image.id, pixels.id, pixels.details.group.id,
           (select max(settings.details.updateEvent.id) from RenderingDef settings
            where settings.pixels.id = pixels.id)
    from Pixels pixels
    where pixels.image.id in (:ids)
    order by pixels.id
"""


def select_with_count(kind: str) -> str:
    """Say what is selected of ``found``: the object, and how many rows are below it."""
    return f"found, ({BELOW[kind]})" if kind in BELOW else "found"
