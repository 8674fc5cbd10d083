# The reference's own column joins nothing: images without a fileset stay.
select i.id, i.fileset.id from Image i order by i.id
-> [1, 1]
-> [2, 1]
-> [3, 2]
-> [4, null]
-> [5, null]

# One step further is an inner join for the whole statement, wherever it stands.
select i.id from Image i where i.name = 'ärger' or i.fileset.templatePrefix like 'mia/%' order by i.id
-> [1]
-> [2]

# … also in the order alone.
select i.id from Image i order by i.fileset.templatePrefix desc, i.id
-> [3]
-> [1]
-> [2]

# … and for an object that is selected by a path.
select i.fileset from Image i order by i.id
-> ["Fileset:1"]
-> ["Fileset:1"]
-> ["Fileset:2"]

# The same path is joined once.
select i.fileset.templatePrefix from Image i where i.fileset.templatePrefix = 'ned/two/' order by i.fileset.id
-> sql FROM "Image" AS "Image_1" JOIN "Fileset" AS "Fileset_1" ON "Fileset_1".id = "Image_1".fileset_id AND
-> ["ned/two/"]

# A left join keeps what has nothing; its alias is null there.
select i.id, f.templatePrefix from Image i left outer join i.fileset f where f is null order by i.id
-> [4, null]
-> [5, null]

# Joins over collections multiply rows, and a place within a join may have several steps.
select i.id, p.name from Image i join i.datasetLinks.parent.projectLinks.parent p order by i.id
-> error illegal attempt to dereference collection [datasetLinks]

# The steps before the last one are joined in the way of the join.
select l.id, o.omeName from ImageAnnotationLink l left join l.parent.fileset.details.owner o order by l.id
-> [1, "mia"]
-> [2, "mia"]
-> [3, "mia"]
-> [4, "mia"]
-> [5, "mia"]

# A join over a component joins nothing and filters nothing; its alias works.
select p.id, s.unit from Pixels p join p.physicalSizeX s order by p.id
-> [1, "MICROMETER"]
-> [2, "MICROMETER"]
-> [3, null]
-> [4, "NANOMETER"]
-> [5, null]

# Pairs of a map are joined in their order's table.
select a.id, mv.name, mv.value from MapAnnotation a join a.mapValue mv order by mv.value
-> [6, "Gene", "BRCA1"]
-> [6, "Cell", "HeLa"]
-> [6, "Gene", "TP53"]

# Pairs through a reference to an abstract class.
select l.parent.id from ImageAnnotationLink l join l.child a join a.mapValue mv where mv.name = 'Gene' and mv.value = 'TP53'
-> [1]

# A condition of a join narrows the join, not the statement.
select i.id, p.id from Image i left join i.pixels p with p.sizeX > 250 order by i.id, p.id
-> [1, 3]
-> [2, null]
-> [3, 4]
-> [4, 5]
-> [5, null]

# Several roots, compared as objects.
select d.id, i.id from Dataset d, Image i, DatasetImageLink l where l.parent = d and l.child = i.id order by l.id
-> [1, 1]
-> [1, 2]
-> [2, 1]
-> [2, 3]

# One element of an ordered collection.
select i.id from Image i where i.pixels[1].sizeX = 300
-> [1]

# A right join keeps the right side.
@as root in all
select i.id, f.id from Image i right join i.fileset f order by f.id, i.id
-> [1, 1]
-> [2, 1]
-> [3, 2]
-> [null, 3]

# A full join parses, but there is none.
@as root in all
select i.id, f.id from Image i full join i.fileset f where i.id > 4 or f.id > 2 order by i.id
-> error undefined join type

# The elements of a collection, in the words of EJB.
select i.id, p.id from Image i, in(i.pixels) p where p.sizeX < 300 order by p.id
-> [1, 1]
-> [2, 2]

# Without alias, properties stand for themselves.
select id, name from Image where fileset.id = 1 and details.owner.omeName = 'mia' order by id
-> [1, "one"]
-> [2, "Two"]

# A bare column's name passes through: the place of a sample in its well.
select ws.id from WellSample ws where ws.well.id = 1 order by well_index desc
-> [2]
-> [1]

# … as PostgreSQL calls it: its letters are small, a reference's is the property's name.
select a.id from Annotation a where textvalue = 'red' or file is not null order by a.id
-> [1]
-> [8]

# Beside a join a bare name is a column, of whichever table has it,
select p.id from Image i join i.pixels p where fileset is not null and SIZEX > 0 order by p.id
-> [1]
-> [2]
-> [3]
-> [4]

# … so it leads nowhere,
select p.id from Image i join i.pixels p where fileset.id > 0
-> error could not resolve property: id

# … cannot be selected,
select name from Image i join i.pixels p
-> error No data type for node

# … and is of one table only.
select i.id from Image i join i.pixels p where id = 1
-> error column reference "id" is ambiguous

# A join that is only implied does not count.
select id from Image where fileset.templatePrefix like 'ned%' and details.owner.id > 0
-> [3]

# PostgreSQL's own name for who asks it.
select e.id from Experimenter e where e.omeName = user
-> nothing

# A sub-select sees the names around it, and its own before those.
select i.id from Image i where exists (select i.id from DatasetImageLink l join l.parent i where l.child.id = i.id) order by i.id
-> [1]
-> [2]
-> [3]
-> [4]
-> [5]

# A path from outside, followed further inside, is joined inside.
select i.id from Image i where exists (select d from Dataset d where i.fileset.templatePrefix like 'ned%' and d.name = 'tissue') order by i.id
-> [3]

# An inner join to counts leaves out what has no links.
select d.id from Dataset d join d.imageLinksCountPerOwner c order by d.id
-> [1]
-> [2]

# Of two joins by one name the later has it.
select s.id from Image i join i.pixels s join i.datasetLinks l join l.parent s where i.id = 3
-> [2]
