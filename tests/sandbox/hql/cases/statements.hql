# What HQL becomes: query, SQL, rows.  Root asks in all groups, so that the SQL has no
# conditions of visibility; those are in `visibility.hql`.

# The reference's own column is no join.
@as root in all
select i.id, i.fileset.id from Image i where i.id < 4
-> sql SELECT "Image_1".id, "Image_1".fileset_id FROM "Image" AS "Image_1" WHERE "Image_1".id < ? ORDER BY "Image_1".id LIMIT ? OFFSET ?
-> [1, 1]
-> [2, 1]
-> [3, 2]

# A further step is an inner join of the whole statement, also within one branch of or.
@as root in all
select i.id from Image i where i.fileset.templatePrefix = 'ned/two/' or i.id = 4
-> sql SELECT "Image_1".id FROM "Image" AS "Image_1" JOIN "Fileset" AS "Fileset_1" ON "Fileset_1".id = "Image_1".fileset_id WHERE "Fileset_1"."templatePrefix" = ? OR "Image_1".id = ? ORDER BY "Image_1".id LIMIT ? OFFSET ?
-> [3]

# A step in the order leaves rows out, too.
@as root in all
select i.id from Image i order by i.fileset.templatePrefix desc, i.id
-> sql SELECT "Image_1".id FROM "Image" AS "Image_1" JOIN "Fileset" AS "Fileset_1" ON "Fileset_1".id = "Image_1".fileset_id WHERE 1 = 1 ORDER BY "Fileset_1"."templatePrefix" DESC NULLS FIRST, "Image_1".id ASC NULLS LAST, "Image_1".id LIMIT ? OFFSET ?
-> [3]
-> [1]
-> [2]

# The key of the joined row tells that there is none.
@as root in all
select i.id from Image i left join i.fileset f where f is null
-> sql SELECT "Image_1".id FROM "Image" AS "Image_1" LEFT OUTER JOIN "Fileset" AS "Fileset_1" ON "Fileset_1".id = "Image_1".fileset_id WHERE "Fileset_1".id IS NULL ORDER BY "Image_1".id LIMIT ? OFFSET ?
-> [4]
-> [5]
-> [6]
-> [7]

# … while equality with null is a test for it.
@as root in all
select i.id from Image i where i.description != null
-> sql SELECT "Image_1".id FROM "Image" AS "Image_1" WHERE "Image_1".description IS NOT NULL ORDER BY "Image_1".id LIMIT ? OFFSET ?
-> [2]
-> [4]

# Conditions of a join stand with it.
@as root in all
select i.id, p.id from Image i left join i.pixels p with p.sizeX > 200 where i.id < 4
-> sql SELECT "Image_1".id, "Pixels_1".id AS id_1 FROM "Image" AS "Image_1" LEFT OUTER JOIN "Pixels" AS "Pixels_1" ON "Pixels_1".image_id = "Image_1".id AND "Pixels_1"."sizeX" > ? WHERE "Image_1".id < ? ORDER BY "Image_1".id LIMIT ? OFFSET ?
-> [1, 3]
-> [2, null]
-> [3, 4]

# An abstract class is a set of discriminators.
@as root in all
select a.id from BasicAnnotation a
-> sql SELECT "Annotation_1".id FROM "Annotation" AS "Annotation_1" WHERE "Annotation_1".discriminator IN (?, ?, ?, ?, ?) ORDER BY "Annotation_1".id LIMIT ? OFFSET ?
-> [5]

# A test of class is exact.
@as root in all
select a.id from Annotation a where a.class in (LongAnnotation, CommentAnnotation)
-> sql SELECT "Annotation_1".id FROM "Annotation" AS "Annotation_1" WHERE "Annotation_1".discriminator IN (?, ?) ORDER BY "Annotation_1".id LIMIT ? OFFSET ?
-> [4]
-> [5]

# A column of a class that extends the named one.
@as root in all
select a.id, a.textValue from Annotation a where a.textValue like 'B%'
-> sql SELECT "Annotation_1".id, "Annotation_1"."textValue" FROM "Annotation" AS "Annotation_1" WHERE "Annotation_1"."textValue" LIKE ? ESCAPE '\' ORDER BY "Annotation_1".id LIMIT ? OFFSET ?
-> [2, "Blue"]

# A list is one value, however long.
@as root in all
@with {"ids": [1, 2, 5]}
select i.id from Image i where i.id in (:ids) and i.archived is not null
-> sql SELECT "Image_1".id FROM "Image" AS "Image_1" WHERE "Image_1".id IN (SELECT anon_1.value FROM json_each(?) AS anon_1) AND "Image_1".archived IS NOT NULL ORDER BY "Image_1".id LIMIT ? OFFSET ?
-> [1]
-> [2]

# A correlated sub-select: an aggregate has one row …
@as root in all
select i.id, (select count(l) from ImageAnnotationLink l where l.parent = i) from Image i where i.id < 3
-> sql SELECT "Image_1".id, (SELECT count("ImageAnnotationLink_1".id) AS count_1 FROM "ImageAnnotationLink" AS "ImageAnnotationLink_1" WHERE "ImageAnnotationLink_1".parent_id = "Image_1".id) AS anon_1 FROM "Image" AS "Image_1" WHERE "Image_1".id < ? ORDER BY "Image_1".id LIMIT ? OFFSET ?
-> [1, 3]
-> [2, 2]

# … and anything else is watched for a second one.
@as root in all
select f.id, (select i.id from Image i where i.fileset = f and i.name = 'one') from Fileset f
-> sql SELECT "Fileset_1".id, (SELECT only_row(anon_2.id) AS only_row_1 FROM (SELECT "Image_1".id AS id FROM "Image" AS "Image_1" WHERE "Image_1".fileset_id = "Fileset_1".id AND "Image_1".name = ?) AS anon_2) AS anon_1 FROM "Fileset" AS "Fileset_1" WHERE 1 = 1 ORDER BY "Fileset_1".id LIMIT ? OFFSET ?
-> [1, 1]
-> [2, null]
-> [3, null]

# Existence is no join.
@as root in all
select i.id from Image i where exists (select l from DatasetImageLink l where l.child = i) and i.pixels is not empty
-> sql SELECT "Image_1".id FROM "Image" AS "Image_1" WHERE (EXISTS (SELECT "DatasetImageLink_1".id FROM "DatasetImageLink" AS "DatasetImageLink_1" WHERE "DatasetImageLink_1".child_id = "Image_1".id)) AND (EXISTS (SELECT * FROM "Pixels" AS "Pixels_1" WHERE "Pixels_1".image_id = "Image_1".id)) ORDER BY "Image_1".id LIMIT ? OFFSET ?
-> [1]
-> [2]
-> [3]

# A size is counted where it is compared …
@as root in all
select i.id from Image i where size(i.annotationLinks) > 1
-> sql SELECT "Image_1".id FROM "Image" AS "Image_1" WHERE (SELECT count(*) AS count_1 FROM "ImageAnnotationLink" AS "ImageAnnotationLink_1" WHERE "ImageAnnotationLink_1".parent_id = "Image_1".id) > ? ORDER BY "Image_1".id LIMIT ? OFFSET ?
-> [1]
-> [2]

# … and joined where it is selected.
@as root in all
select i.id, size(i.pixels) from Image i group by i.id
-> sql SELECT "Image_1".id, count("Pixels_1".id) AS count_1 FROM "Image" AS "Image_1" JOIN "Pixels" AS "Pixels_1" ON "Pixels_1".image_id = "Image_1".id WHERE 1 = 1 GROUP BY "Image_1".id LIMIT ? OFFSET ?
-> [1, "int 2"]
-> [2, "int 1"]
-> [3, "int 1"]
-> [4, "int 1"]

# Places in an ordered collection have a column.
@as root in all
select index(c), c.id from Pixels p join p.channels c where p.id = 1 order by index(c)
-> sql SELECT "Channel_1".pixels_index, "Channel_1".id FROM "Pixels" AS "Pixels_1" JOIN "Channel" AS "Channel_1" ON "Channel_1".pixels_id = "Pixels_1".id WHERE "Pixels_1".id = ? ORDER BY "Channel_1".pixels_index ASC NULLS LAST, "Pixels_1".id LIMIT ? OFFSET ?
-> ["int 0", 2]
-> ["int 1", 1]

# One element of it.
@as root in all
select p.id from Pixels p where p.channels[0].logicalChannel.name = 'GFP'
-> sql SELECT "Pixels_1".id FROM "Pixels" AS "Pixels_1" JOIN "Channel" AS "Channel_1" ON "Channel_1".pixels_id = "Pixels_1".id AND "Channel_1".pixels_index = ? JOIN "LogicalChannel" AS "LogicalChannel_1" ON "LogicalChannel_1".id = "Channel_1"."logicalChannel_id" WHERE "LogicalChannel_1".name = ? ORDER BY "Pixels_1".id LIMIT ? OFFSET ?
-> [1]

# Map fields are rows.
@as root in all
select mv.value from MapAnnotation a join a.mapValue mv where mv.name = 'Gene' order by mv.value
-> sql SELECT "MapAnnotation_mapValue_1".value FROM "Annotation" AS "Annotation_1" JOIN "MapAnnotation_mapValue" AS "MapAnnotation_mapValue_1" ON "MapAnnotation_mapValue_1".parent_id = "Annotation_1".id WHERE "Annotation_1".discriminator IN (?) AND "MapAnnotation_mapValue_1".name = ? ORDER BY "MapAnnotation_mapValue_1".value ASC NULLS LAST, "Annotation_1".id LIMIT ? OFFSET ?
-> ["BRCA1"]
-> ["TP53"]

# A value with a unit is two columns, in the order as well.
@as root in all
select p.physicalSizeX from Pixels p where p.physicalSizeX is not null order by p.physicalSizeX
-> sql SELECT "Pixels_1"."physicalSizeX", "Pixels_1"."physicalSizeX_unit" FROM "Pixels" AS "Pixels_1" WHERE "Pixels_1"."physicalSizeX" IS NOT NULL ORDER BY "Pixels_1"."physicalSizeX" ASC NULLS LAST, "Pixels_1"."physicalSizeX_unit" ASC NULLS LAST, "Pixels_1".id LIMIT ? OFFSET ?
-> [{"value": 0.25, "unit": "MICROMETER", "symbol": "µm"}]
-> [{"value": 0.5, "unit": "MICROMETER", "symbol": "µm"}]
-> [{"value": 100.0, "unit": "NANOMETER", "symbol": "nm"}]

# Details are columns of the row; permissions are those of its group.
@as root in all
select i.details.owner.id, i.details.permissions.perm1 from Image i where i.id = 6
-> sql SELECT "Image_1".owner_id, (SELECT "ExperimenterGroup_1".permissions FROM "ExperimenterGroup" AS "ExperimenterGroup_1" WHERE "ExperimenterGroup_1".id = "Image_1".group_id) AS anon_1 FROM "Image" AS "Image_1" WHERE "Image_1".id = ? ORDER BY "Image_1".id LIMIT ? OFFSET ?
-> [3, -8]

# Null comes last, as in PostgreSQL.
@as root in all
select i.id from Image i where i.id < 3 order by i.description
-> sql SELECT "Image_1".id FROM "Image" AS "Image_1" WHERE "Image_1".id < ? ORDER BY "Image_1".description ASC NULLS LAST, "Image_1".id LIMIT ? OFFSET ?
-> [2]
-> [1]

# Groups.
@as root in all
select p.sizeY, count(p), max(p.sizeX) from Pixels p group by p.sizeY having count(*) > 1
-> sql SELECT "Pixels_1"."sizeY", count("Pixels_1".id) AS count_1, max("Pixels_1"."sizeX") AS max_1 FROM "Pixels" AS "Pixels_1" WHERE 1 = 1 GROUP BY "Pixels_1"."sizeY" HAVING count(*) > ? LIMIT ? OFFSET ?
-> ["int 50", 5, "int 500"]

# Functions and operators keep the types of PostgreSQL.
@as root in all
select lower(i.name) || '!', i.id / 2, mod(i.id, 2), coalesce(i.description, '-'), trim(leading 'o' from i.name) from Image i where i.id = 1
-> sql SELECT lower("Image_1".name) || ? AS anon_1, "Image_1".id / ? AS anon_2, remain("Image_1".id, ?) AS remain_1, coalesce("Image_1".description, ?) AS coalesce_1, ltrim("Image_1".name, ?) AS ltrim_1 FROM "Image" AS "Image_1" WHERE "Image_1".id = ? ORDER BY "Image_1".id LIMIT ? OFFSET ?
-> ["one!", 0, "int 1", "-", "ne"]

# All, some.
@as root in all
select i.id from Image i where i.id >= all (select d.id from Dataset d) and i.id <> some (select p.id from Pixels p)
-> sql SELECT "Image_1".id FROM "Image" AS "Image_1" WHERE NOT (EXISTS (SELECT "Dataset_1".id FROM "Dataset" AS "Dataset_1" WHERE "Image_1".id < "Dataset_1".id)) AND (EXISTS (SELECT "Pixels_1".id FROM "Pixels" AS "Pixels_1" WHERE "Image_1".id != "Pixels_1".id)) ORDER BY "Image_1".id LIMIT ? OFFSET ?
-> [5]
-> [6]
-> [7]

# Elements of a collection in the list of in.
@as root in all
select i.id from Image i, Pixels p where p in elements(i.pixels) and p.sizeX > 300
-> sql SELECT "Image_1".id FROM "Image" AS "Image_1", "Pixels" AS "Pixels_1" WHERE "Pixels_1".id IN (SELECT "Pixels_2".id FROM "Pixels" AS "Pixels_2" WHERE "Pixels_2".image_id = "Image_1".id) AND "Pixels_1"."sizeX" > ? ORDER BY "Image_1".id, "Pixels_1".id LIMIT ? OFFSET ?
-> [3]
-> [4]

# Texts beside a number or a time are read as such.
@as root in all
select i.id from Image i where i.id = '1' and i.acquisitionDate > '2020-01-01'
-> sql SELECT "Image_1".id FROM "Image" AS "Image_1" WHERE "Image_1".id = ? AND "Image_1"."acquisitionDate" > ? ORDER BY "Image_1".id LIMIT ? OFFSET ?
-> [1]

# One closing parenthesis too many ends a query; what follows is not looked at,
select i.id from Image i where (i.id < 3)) and nonsense = order by
-> [1]
-> [2]

# … nor is what is united with it.
select i.id from Image i where i.id < 3 union select p.id from Pixels p
-> [1]
-> [2]
