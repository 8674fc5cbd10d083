"""Parts of the search's queries, in our own words.

``{…}`` are names of parameters, CLASS is the class that is looked for.
"""

from __future__ import annotations

FIND = """
    select {what} from {type} found join fetch found.details.owner
    where found.id is not null
"""
NAME = "lower(found.name) like :{word}"
DESCRIPTION = "lower(found.description) like :{word}"
WORD = "(lower(found.name) like :{word} or lower(found.description) like :{word})"
TAG = """
    exists (select link.id from CLASSAnnotationLink link, TagAnnotation tag
            where link.parent.id = found.id and link.child.id = tag.id
            and lower(tag.textValue) like :{tag})
"""
KEY = """
    exists (select link.id from CLASSAnnotationLink link,
            MapAnnotation annotation join annotation.mapValue pair
            where link.parent.id = found.id and link.child.id = annotation.id
            and lower(pair.name) = :{key})
"""
KEY_AND_VALUE = """
    exists (select link.id from CLASSAnnotationLink link,
            MapAnnotation annotation join annotation.mapValue pair
            where link.parent.id = found.id and link.child.id = annotation.id
            and lower(pair.name) = :{key} and lower(pair.value) like :{value})
"""
OWNER = """
    found.details.owner.id in (
        select person.id from Experimenter person
        where lower(person.omeName) like :{owner}
        or lower(person.firstName) like :{owner}
        or lower(person.lastName) like :{owner})
"""
MADE = "found.details.creationEvent.time SIGN :{bound}"
TAKEN = """
    ((found.acquisitionDate is not null and found.acquisitionDate SIGN :{bound})
     or (found.acquisitionDate is null
         and found.details.creationEvent.time SIGN :{bound}))
"""
