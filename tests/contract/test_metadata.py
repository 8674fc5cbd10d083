"""Queries, updates and deletes as clients rely on them."""

from __future__ import annotations

import omero.all
import omero.model
import omero.sys
import pytest
from omero.rtypes import rlist, rlong, rstring


def _with(**values) -> omero.sys.ParametersI:
    parameters = omero.sys.ParametersI()
    for name, value in values.items():
        parameters.add(name, value)
    return parameters


def test_get_and_find_differ_on_what_is_missing(services) -> None:
    query = services.getQueryService()
    assert query.find("Image", 2**40) is None
    with pytest.raises(omero.ValidationException):
        query.get("Image", 2**40)


def test_unknown_class(services) -> None:
    with pytest.raises(omero.ApiUsageException):
        services.getQueryService().find("Picture", 1)


@pytest.mark.parametrize(
    "hql",
    [
        "select",
        "select i from Image i where",
        "select i from Picture i",
        "select i from Image i where i.nothing = 1",
        "select i from Image i where i.pixels.sizeX = 1 and (",
    ],
)
def test_illegal_queries_are_query_exceptions(services, hql) -> None:
    with pytest.raises(omero.QueryException):
        services.getQueryService().projection(hql, None)


def test_null_parameters_are_refused(services) -> None:
    with pytest.raises(omero.ApiUsageException):
        services.getQueryService().projection(
            "select e.id from Experimenter e where e.omeName = :name", _with(name=None)
        )


def test_superfluous_parameters_are_ignored(services) -> None:
    rows = services.getQueryService().projection(
        "select e.omeName from Experimenter e where e.id = :id",
        _with(id=rlong(0), other=rstring("x")),
    )
    assert [[column.val for column in row] for row in rows] == [["root"]]


def test_number_types_of_a_projection(services, project) -> None:
    ((count, size, literal),) = services.getQueryService().projection(
        "select count(p),"
        " (select size(q.datasetLinks) from Project q where q.id = :id), 1"
        " from Project p where p.id = :id group by p.id",
        _with(id=project.id),
    )
    assert isinstance(count, omero.RLong)
    assert isinstance(size, omero.RInt)
    assert isinstance(literal, omero.RInt)


def test_equals_null_means_is_null(services, project) -> None:
    rows = services.getQueryService().projection(
        "select p.id from Project p where p.description = null and p.id = :id",
        _with(id=project.id),
    )
    assert len(rows) == 1


def test_a_list_parameter(services, project) -> None:
    found = services.getQueryService().findAllByQuery(
        "select p from Project p where p.id in (:ids)",
        _with(ids=rlist([project.id, rlong(2**40)])),
    )
    assert [p.id.val for p in found] == [project.id.val]


def test_find_by_query_refuses_several_rows(services) -> None:
    with pytest.raises(omero.ApiUsageException):
        services.getQueryService().findByQuery(
            "select g from ExperimenterGroup g", None
        )


def test_what_is_not_fetched_is_unloaded(services, project) -> None:
    found = services.getQueryService().get("Project", project.id.val)
    assert found.isLoaded()
    assert not found.isDatasetLinksLoaded()
    assert not found.details.owner.isLoaded()
    assert found.details.permissions.canEdit()


def test_a_required_field(services) -> None:
    with pytest.raises(omero.ValidationException):
        services.getUpdateService().saveAndReturnObject(omero.model.ProjectI())


def test_full_overwrite_and_optimistic_lock(services, project) -> None:
    update = services.getUpdateService()
    query = services.getQueryService()
    first = query.get("Project", project.id.val)
    second = query.get("Project", project.id.val)
    first.description = rstring("one")
    update.saveObject(first)
    second.description = rstring("two")
    with pytest.raises(omero.OptimisticLockException):
        update.saveObject(second)
    assert query.get("Project", project.id.val).description.val == "one"


def test_the_same_link_twice(services, project, unique, remove) -> None:
    update = services.getUpdateService()
    dataset = omero.model.DatasetI()
    dataset.name = rstring(unique)
    dataset = update.saveAndReturnObject(dataset)
    remove("Dataset", dataset.id.val)

    def link() -> None:
        joined = omero.model.ProjectDatasetLinkI()
        joined.parent = omero.model.ProjectI(project.id.val, False)
        joined.child = omero.model.DatasetI(dataset.id.val, False)
        update.saveObject(joined)

    link()
    with pytest.raises(omero.ValidationException):
        link()


def test_key_value_pairs_keep_order_and_duplicates(services, project) -> None:
    pairs = [("a", "1"), ("b", "µ"), ("a", "2")]
    link = omero.model.ProjectAnnotationLinkI()
    link.parent = omero.model.ProjectI(project.id.val, False)
    link.child = omero.model.MapAnnotationI()
    link.child.mapValue = [omero.model.NamedValue(k, v) for k, v in pairs]
    services.getUpdateService().saveObject(link)
    found = services.getQueryService().findByQuery(
        "select p from Project p join fetch p.annotationLinks l"
        " join fetch l.child where p.id = :id",
        _with(id=project.id),
    )
    (annotation,) = found.linkedAnnotationList()
    assert [(v.name, v.value) for v in annotation.mapValue] == pairs
