# A member sees what lies in the group, …
@as ned in lab
select i.id, i.details.owner.omeName from Image i order by i.id
-> [1, "mia"]
-> [2, "mia"]
-> [3, "ned"]
-> [4, "mia"]
-> [5, "mia"]

# … in a private one only what is their own, …
@as ned in secret
select i.id from Image i
-> nothing

# … their leader sees all of it, …
@as lea in secret
select i.id from Image i
-> [7]

# … and so does an administrator.
@as root in secret
select d.id from Dataset d
-> [4]

# In all groups one sees what one would see in each.
@as ned in all
select i.id from Image i order by i.id
-> [1]
-> [2]
-> [3]
-> [4]
-> [5]
-> [6]

# … and an administrator everything.
@as root in all
select count(i) from Image i
-> [7]

# Joined rows are filtered as well, and so are those of sub-selects.
@as mia in secret
select p.id, (select count(*) from Image i) from Project p, Dataset d
-> nothing

# Filters are written once for each alias.
@as mia in secret
select p.id from Project p left join p.datasetLinks l
-> sql LEFT OUTER JOIN "ProjectDatasetLink" AS "ProjectDatasetLink_1" ON "ProjectDatasetLink_1".parent_id = "Project_1".id AND
-> [3]

# What belongs to nobody everybody sees.
@as mia in secret
select e.omeName from Experimenter e where e.id < 2 order by e.id
-> ["root"]
-> ["guest"]

# Sessions of others are not listed, …
select s.id from Session s
-> nothing

# … their keys not shown, …
select e.session.uuid, e.session.id from Event e where e.id = 10
-> ["********-****-****-****-*************", 0]

# … not found by guessing, …
@with {"guess": "********-****-****-****-*************"}
select e.id from Event e where e.session.uuid <> :guess
-> nothing

# … and nodes are an administrator's affair.
select n.id from Node n
-> nothing
