# Equal to null means: is null.
select i.id from Image i where i.fileset = null order by i.id
-> [4]
-> [5]

# … and not equal to null: is not null.
select a.id from Annotation a where a.ns != null order by a.id
-> [2]
-> [3]
-> [6]
-> [8]

# In a list that is bound, of any length; a scalar is a list of one.
@with {"ids": [3, 1], "name": "ärger"}
select i.id from Image i where i.id in (:ids) or i.name in :name order by i.id
-> [1]
-> [3]
-> [4]

# Nothing is in an empty list.
@with {"ids": []}
select i.id from Image i where i.id in (:ids)
-> nothing

# A value in parentheses is a value.
@with {"id": 2}
select i.name from Image i where i.id = (:id)
-> ["Two"]

# A text that is a number compares with numbers where it is written.
select i.id from Image i where i.id = '1' or i.id in ('4', '5') order by i.id
-> [1]
-> [4]
-> [5]

# Bound, it is of the wrong type.
@with {"id": "3"}
select i.id from Image i where i.id = :id
-> error cannot be cast

# So is a number where a text is compared.
@with {"names": ["one", 2]}
select i.id from Image i where i.name in (:names)
-> error cannot be cast

# Nulls of a sub-select by path do not hide the rest of the answer.
select i.id from Image i where i.fileset not in (select j.fileset from Image j where j.id <> 3)
-> [3]

# … as they do where the bare column is selected.
select i.id from Image i where i.fileset.id not in (select j.fileset.id from Image j where j.id <> 3)
-> nothing

# Between, not, or, parentheses.
select i.id from Image i where not (i.id between 2 and 3 or i.name = 'one') order by i.id
-> [4]
-> [5]

# like is case-sensitive; a backslash takes a wildcard's meaning away.
select i.id from Image i where i.name like '%\_50\%' or i.name like 't%' order by i.id
-> [3]

# … or another character that one names.
select i.id from Image i where i.name like '%!%' escape '!'
-> [3]

# lower() knows more than ASCII.
select i.id from Image i where lower(i.name) like 'Ä%' or upper(i.name) = 'ÄRGER'
-> [4]

# Empty text is not null.
select i.id from Image i where i.description is null or i.description = '' order by i.id
-> [1]
-> [3]
-> [4]
-> [5]

# Truth values.
select i.id from Image i where i.archived = true or i.archived = false order by i.id
-> [1]
-> [2]

# Empty collections, in two words and with a sub-select.
select i.id from Image i where i.pixels is empty or not exists (select l from DatasetImageLink l where l.child = i) order by i.id
-> [4]
-> [5]

# elements(…) in its places.
select i.id from Image i where exists elements(i.rois) or 4 in elements(i.pixels) order by i.id
-> [1]
-> [3]

# Compared with all and with any.
select i.id from Image i where i.id >= all (select d.id from Dataset d) and i.id < any (select p.id from Pixels p) order by i.id
-> [3]
-> [4]

# Entities as parameters are their ids.
@with {"image": 2, "images": [1, 3]}
select i.id from Image i where i = :image or i in (:images) order by i.id
-> [1]
-> [2]
-> [3]

# Whole rows of values.
select i.id from Image i where (i.id, i.name) in (select j.id, j.name from Image j where j.id < 3) order by i.id
-> [1]
-> [2]

# A written time.
select i.id from Image i where i.acquisitionDate < '2020-10-01' and i.details.creationEvent.time > '2023-11-14 22:13:19'
-> [1]

# Units compare by value; null comes last, as in PostgreSQL.
select p.id from Pixels p where p.physicalSizeX.value >= 0.25 or p.physicalSizeX is null order by p.physicalSizeX desc, p.id
-> [3]
-> [5]
-> [4]
-> [2]
-> [1]

# Member of a collection.
select i.id from Image i, Pixels p where p member of i.pixels and p.sizeX = 200
-> [2]

# Keywords as names.
select group.id, value.id from ExperimenterGroup as group, Format as value where group.name = 'system' and value.value = 'Tiff'
-> [0, 2]
