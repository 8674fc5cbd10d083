# Every refusal begins in the same way and repeats the query.
select i from Imagex i
-> error Illegal query: select i from Imagex i

# Unknown classes …
select i from Imagex i
-> error Imagex is not mapped

# … properties …
select i.nothing from Image i
-> error could not resolve property: nothing of: ome.model.core.Image

# … aliases …
select foo.id from Image i
-> error Invalid path: 'foo.id'

# … functions …
select foo(i.id) from Image i
-> error No function is called foo

# … and numbers of arguments.
select nullif(i.id) from Image i
-> error nullif does not take 1 arguments

# Details that a class does not have.
select e.details.owner.id from Experimenter e
-> error could not resolve property: details.owner of: ome.model.meta.Experimenter

# Immutable classes have no update.
select x.details.updateEvent from ExternalInfo x
-> error details.updateEvent

# A class that stands alone has no class to ask for.
select i.class from Image i
-> error could not resolve property: class of: ome.model.core.Image

# No step into a collection.
select i from Image i where i.datasetLinks.parent.name = 'x'
-> error illegal attempt to dereference collection [datasetLinks] with element property reference [parent]

# A map is no value.
select m.mapValue from MapAnnotation m
-> error m.mapValue is no value

# One name, two classes.
select i from Image i, Dataset i
-> error Duplicate definition of alias 'i'

# What is fetched needs somebody to have it.
select i.id from Image i join fetch i.pixels
-> error query specified join fetching, but the owner of the fetched association was not present in the select list

# … all of it, …
select i from Image i join fetch i.pixels p with p.sizeX > 3
-> error with-clause not allowed on fetched associations

# … and not in a sub-select.
select i from Image i where exists (select d from Dataset d join fetch d.imageLinks)
-> error fetch not allowed in subquery from-elements

# A parameter without a value is named; those that nobody asks for are not missed.
@with {"other": 1, "id": null}
select i from Image i where i.id = :id
-> error Null parameters not allowed: id

# find answers objects.
@find
select i.id from Image i
-> error does not select objects

# … of one kind.
@find
select i, p from Image i join i.pixels p
-> error does not select objects

# Null has no order.
select i from Image i where i.id < null
-> error null is neither less nor greater

# A closing parenthesis too many ends nothing that is not complete …
select i.id from Image i where i.id = 1 and)
-> error unexpected ')'

# … and parameters behind it count.
select i.id from Image i) where i.id = :id
-> error unexpected ')'
