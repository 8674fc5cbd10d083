# Kinds of numbers: ids are long, columns keep theirs, counts are long, sizes int.
# To select a size is to join the elements: the others are counted once for each.
select p.id, p.sizeX, p.physicalSizeX.value, count(p), size(p.channels) from Pixels p where p.id = 1 group by p.id
-> [1, "int 100", 0.25, 2, "int 2"]

# Within a condition it stands for itself.
select p.id, p.sizeX from Pixels p where size(p.channels) = 2
-> [1, "int 100"]

# Beside an aggregate stands what is grouped by, or belongs to a key that is.
select i.id, i.name, count(p.id) from Image i join i.pixels p group by i.id order by i.id desc
@limit 1
-> [4, "ärger", 1]

# Anything else has no single value.
select i.name, count(p.id) from Image i join i.pixels p group by i.description
-> error i.name must appear in the GROUP BY clause

# A class that has a table of its own is a number.
select j.class, j.id from Job j where j.class = ScriptJob
-> ["int 8", 1]

# A fraction beside a whole number is cut, as it is bound as such.
@with {"least": 299.9}
select p.id from Pixels p where p.sizeX >= :least and p.sizeX * :least < 100000 order by p.id
-> [3]

# Sums of whole numbers are long, means and sums of fractions double.
select sum(p.sizeX), avg(p.sizeX), min(p.sizeX), max(p.physicalSizeX.value), sum(cast(p.sizeX as double)) from Pixels p
-> [1500, 300.0, "int 100", 100.0, 1500.0]

# A sum over nothing is null, a count 0.
select sum(f.size), count(f.id), count(*) from OriginalFile f where f.id < 0
-> [null, 0, 0]

# Whole numbers stay whole.
select p.sizeX / 3, p.sizeX * 2, p.sizeX - 1, -p.sizeX, p.id + p.sizeX, p.sizeX / 8.0 from Pixels p where p.id = 1
-> ["int 33", "int 200", "int 99", "int -100", 101, 12.5]

# Precedence is as everywhere.
select 2 + 3 * 4 - 10 / 3, (2 + 3) * 4 from Image i where i.id = 1
-> ["int 11", "int 20"]

# Texts.
select upper(i.name), length(i.name), substring(i.name, 2, 2), i.name || '-' || i.id, locate('n', i.name), concat(i.name, '!', '?'), trim('  x '), str(i.id) from Image i where i.id = 1
-> ["ONE", "int 3", "ne", "one-1", "int 2", "one!?", "x", "1"]

# Null takes a joined text with it.
select i.name || i.description from Image i where i.id = 1
-> [null]

# First of several, null if equal.
select coalesce(i.description, i.name, 'nothing'), nullif(i.name, 'one') from Image i where i.id = 1
-> ["one", null]

# Cases, with and without an operand.
select case when i.id < 2 then 'low' else 'high' end, case i.id when 1 then 1.5 when 2 then 2.5 end from Image i where i.id < 4 order by i.id
-> ["low", 1.5]
-> ["high", 2.5]
-> ["high", null]

# In a select clause also a reference in a condition is joined.
select case when i.fileset is null then 'none' else 'some' end from Image i where i.id in (1, 4)
-> ["some"]

# Times are times; parts of them are numbers.
select i.acquisitionDate, year(i.acquisitionDate), month(i.acquisitionDate), day(i.acquisitionDate), extract(epoch from i.acquisitionDate) from Image i where i.id = 1
-> ["time 1600000000000", "int 2020", "int 9", "int 13", "int 1600000000"]

# A value with its unit.
select p.physicalSizeX, p.physicalSizeX.unit from Pixels p where p.id in (3, 4) order by p.id
-> [null, null]
-> [{"value": 100.0, "unit": "NANOMETER", "symbol": "nm"}, "NANOMETER"]

# Truth, bytes, lists.
select i.archived, n.keywords from Image i, Namespace n where i.id = 1
-> [false, ["a", "b"]]

# Large numbers are long even where nothing else says so.
select f.size, f.size + 1 from OriginalFile f where f.id = 2
-> [5000000000, 5000000001]

# Named values.
select new map(i.id as id, i.name as name, i.fileset.id as filesetId) from Image i where i.id = 4
-> [{"id": 4, "name": "ärger", "filesetId": null}]

# What is named so stands for what the caller may do with the object.
select new map(i.id as id, i as image_details_permissions) from Image i where i.id in (1, 3) order by i.id
-> [{"id": 1, "image_details_permissions": {"perm": "rwra--", "canAnnotate": true, "canDelete": true, "canEdit": true, "canLink": true, "canChgrp": true, "canChown": false}}]
-> [{"id": 3, "image_details_permissions": {"perm": "rwra--", "canAnnotate": true, "canDelete": false, "canEdit": false, "canLink": false, "canChgrp": false, "canChown": false}}]

# The permissions of a group, reached from its objects.
select i.details.group.details.permissions from Image i where i.id = 1
-> [{"perm": "rwra--", "canAnnotate": true, "canDelete": false, "canEdit": false, "canLink": true, "canChgrp": false, "canChown": false}]

# A scalar sub-select for each row.
select d.id, (select count(l.id) from DatasetImageLink l where l.parent = d.id) from Dataset d order by d.id
-> [1, 2]
-> [2, 2]
-> [3, 0]

# Groups, and conditions on them.
select p.pixelsType.value, count(p.id) from Pixels p group by p.pixelsType.value having count(p.id) > 2
-> ["uint16", 3]

# Distinct values.
select distinct l.parent.id from ImageAnnotationLink l
-> [1]
-> [2]

# Counting what differs.
select count(distinct l.child), count(l) from ImageAnnotationLink l
-> [3, 5]

# A name given in the select clause may stand in the order.
select i.id as number, lower(i.name) as low from Image i order by low desc
-> [4, "ärger"]
-> [2, "two"]
-> [3, "three_50%"]
-> [1, "one"]
-> [5, "no pixels"]

# Places in ordered collections.
select index(c), c.id from Pixels p join p.channels c where p.id = 1 order by index(c)
-> ["int 0", 2]
-> ["int 1", 1]

# The first and last place.
select minindex(ws), maxindex(ws) from Well w join w.wellSamples ws where w.id = 1
-> ["int 0", "int 1"]

# Size as a property, and of the samples of one well.
select w.id, maxindex(w.wellSamples) from Well w where w.wellSamples.size = 2 group by w.id
-> [1, "int 1"]

# Selected without a group, it is that of all.
select maxindex(w.wellSamples) from Well w
-> ["int 1"]

# Rows that a collection around gives.
select p.id, (select max(c.red + c.green) from p.channels c) from Pixels p where p.id < 3 order by p.id
-> [1, null]
-> [2, null]

# Now is after everything else.
select i.id from Image i where i.acquisitionDate < current_timestamp() and year(current_timestamp()) > 2023
-> [1]
