# Rows of SQL are counted, and an object stands as often as it is found.
@find
@limit 3
select i from Image i join i.datasetLinks l order by i.id, l.id
-> ["Image:1"]
-> ["Image:1"]
-> ["Image:2"]

# Where a collection is fetched each object stands once, …
@find
select i from Image i join fetch i.datasetLinks l order by l.id desc
-> ["Image:3"]
-> ["Image:1"]
-> ["Image:2"]

# … and objects are counted.
@find
@first 1
@limit 1
select i from Image i join fetch i.datasetLinks l order by l.id desc
-> ["Image:1"]

# A reference that is fetched does not change that.
@find
@first 1
@limit 2
select i from Image i join fetch i.details.owner join i.datasetLinks l order by i.id, l.id
-> ["Image:1"]
-> ["Image:2"]

# Values are paged in SQL.
@first 2
@limit 2
select i.id from Image i order by i.id
-> sql LIMIT ? OFFSET ?
-> [3]
-> [4]

# Without an order one gets that of the ids.
@limit 2
select i.name from Image i
-> ["one"]
-> ["Two"]

# Equals keep the order of their ids.
select p.id from Pixels p order by p.sizeY
-> [1]
-> [2]
-> [3]
-> [4]
-> [5]

# Nothing selected selects everything …
from Image i join i.fileset f where i.id = 3
-> ["Image:3", "Fileset:2"]

# … of which find has no use.
@find
from Image i join i.datasetLinks l where i.id < 3 order by l.id
-> error does not select objects