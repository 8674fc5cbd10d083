select round(p.physicalSizeX.value) from Pixels p order by p.id
select round(p.physicalSizeX.value, 1) from Pixels p order by p.id
select floor(p.physicalSizeX.value), ceil(p.physicalSizeX.value) from Pixels p order by p.id
select ceiling(p.physicalSizeX.value) from Pixels p order by p.id
select sign(p.id - 3) from Pixels p order by p.id
select sin(p.id), cos(p.id), exp(p.id), ln(p.id) from Pixels p order by p.id
select substr(i.name, 2, 3) from Image i order by i.id
select substr(i.name, 2) from Image i order by i.id
select initcap(i.name) from Image i order by i.id
select md5(i.name) from Image i order by i.id
select char_length(i.name), bit_length(i.name), octet_length(i.name) from Image i order by i.id
select character_length(i.name) from Image i order by i.id
select trunc(p.physicalSizeX.value) from Pixels p order by p.id
select replace(i.name, 'o', '0') from Image i order by i.id
select lpad(i.name, 20, '-') from Image i order by i.id
select left(i.name, 3) from Image i order by i.id
select ltrim(i.name), rtrim(i.name) from Image i order by i.id
select trim(both from i.name) from Image i order by i.id
select trim(leading 'o' from i.name) from Image i order by i.id
select trim(trailing from i.name) from Image i order by i.id
select trim(both 'o' from i.name) from Image i order by i.id
select reverse(i.name) from Image i order by i.id
select position('o' in i.name) from Image i order by i.id
select locate('o', i.name, 3) from Image i order by i.id
select date_trunc('day', i.acquisitionDate) from Image i order by i.id
select to_char(i.acquisitionDate, 'YYYY-MM-DD') from Image i order by i.id
select extract(day from i.acquisitionDate) from Image i order by i.id
select extract(dow from i.acquisitionDate) from Image i order by i.id
select extract(epoch from i.details.creationEvent.time) from Image i order by i.id
select extract(year from current_date) from Image i where i.id < 0
select i.id from Image i where i.acquisitionDate < current_timestamp order by i.id
select i.id from Image i where i.acquisitionDate < current_timestamp() order by i.id
select i.id from Image i where i.acquisitionDate < now() order by i.id
select i.id from Image i where i.acquisitionDate < current_date order by i.id
select i.id from Image i where current_date() > i.acquisitionDate order by i.id
select year(i.acquisitionDate), count(*) from Image i group by year(i.acquisitionDate) order by year(i.acquisitionDate)
select greatest(p.sizeX, p.sizeY), least(p.sizeX, p.sizeY) from Pixels p order by p.id
select power(p.sizeX, 2) from Pixels p order by p.id
select stddev(p.sizeX), variance(p.sizeX) from Pixels p
select cbrt(p.sizeX) from Pixels p order by p.id
select pi() from Pixels p order by p.id
select abs(p.id - 10), abs(-1.5), abs(p.physicalSizeX.value) from Pixels p order by p.id
select mod(p.id, 3), mod(p.sizeX, p.sizeY) from Pixels p order by p.id
select length(i.description) from Image i order by i.id
select concat(i.name, i.id) from Image i order by i.id
select concat(i.name, :x) from Image i order by i.id
select upper(i.name) || lower(i.name) from Image i order by i.id
select nullif(p.sizeX, p.sizeY) from Pixels p order by p.id
select coalesce(p.physicalSizeX.value, 0.0), coalesce(p.methodology, 'none') from Pixels p order by p.id
select coalesce(p.waveStart, p.sizeX) from Pixels p order by p.id
select coalesce(p.timeIncrement.value, 1) from Pixels p order by p.id
select coalesce(i.description, i.name, 'x') as t from Image i order by t
select cast(p.sizeX as string), cast(p.physicalSizeX.value as int), cast(p.id as integer) from Pixels p order by p.id
select cast('12' as long) from Pixels p order by p.id
select cast('12' as int) + p.sizeX from Pixels p order by p.id
select cast(p.physicalSizeX.value as string) from Pixels p order by p.id
select cast(i.archived as string) from Image i order by i.id
select cast(i.acquisitionDate as date) from Image i order by i.id
select cast(i.acquisitionDate as string) from Image i order by i.id
select cast(p.sizeX as float) from Pixels p order by p.id
select cast(p.sizeX as boolean) from Pixels p order by p.id
select cast(i.id as text) from Image i order by i.id
select str(p.physicalSizeX.value), str(p.sizeX) from Pixels p order by p.id
select str(i.archived) from Image i order by i.id
select str(i.acquisitionDate) from Image i order by i.id
select bit_length('abc') from Image i
select i.id from Image i where lower(i.name) like '%e%' and length(trim(i.name)) > 3 order by i.id desc
select p.sizeX + p.physicalSizeX.value from Pixels p order by p.id
select p.sizeX / 2.0, p.sizeX / 2, p.sizeX * 1.0, p.sizeX - 0.5 from Pixels p order by p.id
select p.id / 2, p.id * p.sizeX, p.id + 1, p.id - p.sizeX from Pixels p order by p.id
select 1 + 1, 1 / 2, 1.0 / 2, 7 % 3 from Pixels p
select 1, 'x', 1.5, 2L, 1.5f, 1.5d, true from Image i where i.id = 1
select true, false from Image i
select null from Image i
select i.id, null from Image i
select 1e3, .5, 10. from Image i
select 3000000000 from Image i
select 0x10 from Image i
select 010 from Image i
select -1, +1, - i.id from Image i order by i.id
select -(-i.id) from Image i order by i.id
select 2 * (3 + i.id) - 4 / 2 from Image i order by i.id
select p.sizeX * p.sizeY * p.sizeZ from Pixels p order by p.id
select i.id || 1 from Image i order by i.id
select 'a' || 'b' || i.name from Image i order by i.id
select i.name || null from Image i order by i.id
select i.name + 'x' from Image i order by i.id
select (i.id = 1) from Image i order by i.id
select i.id > 2 from Image i order by i.id
select i.archived and true from Image i
select not i.archived from Image i
select case when i.id > 2 then true else false end from Image i order by i.id
select case when i.id > 2 then i.name end from Image i order by i.id
select case when i.id > 2 then i.id else p.sizeX end from Image i join i.pixels p order by i.id, p.id
select case when i.id > 2 then 1 else 2.5 end from Image i order by i.id
select case when i.id > 2 then null else i.name end from Image i order by i.id
select case when i.archived then 1 else 0 end from Image i order by i.id
select case when (select count(p) from Pixels p where p.image = i) > 0 then 'has' else 'none' end from Image i order by i.id
select count(case when i.archived = true then 1 end) from Image i
select sum(case when i.id > 2 then 1.5 else 0.5 end) from Image i
select case i.name when 'orphan' then 0 else i.id end from Image i order by i.id
select i.id from Image i order by case when i.name = 'orphan' then 0 else 1 end, i.id
select max(case when p.sizeX > 64 then p.sizeX else 0 end) from Pixels p
select count(*) from Image i where i.id < 0
select count(i), count(i.id), count(*), count(distinct i.name) from Image i
select count(all i.name) from Image i
select sum(p.sizeX), sum(p.id), avg(p.sizeX), avg(p.id), sum(p.physicalSizeX.value) from Pixels p
select sum(distinct p.sizeX), avg(distinct p.sizeX), min(distinct p.sizeX) from Pixels p
select sum(p.sizeX) / count(p) from Pixels p
select sum(p.sizeX) * 1.0 / count(p) from Pixels p
select max(i.name), min(i.name) from Image i
select max(i.acquisitionDate), min(i.acquisitionDate) from Image i
select max(i.archived) from Image i
select sum(i.name) from Image i
select min(p.physicalSizeX.value), max(p.physicalSizeY.value) from Pixels p
select count(i.details.owner) from Image i
select count(distinct i.details.owner.omeName) from Image i
select count(i.fileset.id) from Image i
select count(p.image) from Pixels p
select count(1) from Image i
select count(distinct i) from Image i join i.datasetLinks l
select count(l.parent.name) from DatasetImageLink l
select max(p.sizeX) - min(p.sizeX), max(p.sizeX) + 1 from Pixels p
select avg(p.sizeX + p.sizeY) from Pixels p
select sum(p.sizeX), p.sizeY from Pixels p group by p.sizeY order by p.sizeY
select p.pixelsType.value, sum(p.sizeX * p.sizeY) from Pixels p group by p.pixelsType.value order by sum(p.sizeX * p.sizeY) desc
select p.pixelsType, count(p) from Pixels p group by p.pixelsType
select p.pixelsType.id, count(p) from Pixels p group by p.pixelsType.id order by 2 desc, 1
select i.details.owner, count(i) from Image i group by i.details.owner
select i, count(l) from Image i left join i.datasetLinks l group by i
select i.id, count(l) from Image i left join i.datasetLinks l group by i.id, i.name having count(l) = 0 order by i.id
select i.id, count(l) as n from Image i left join i.datasetLinks l group by i.id having n > 0
select count(i) from Image i having count(i) > 1
select count(i) from Image i having count(i) > 1000
select i.archived from Image i group by i.archived having i.archived is not null
select lower(i.name), count(*) from Image i group by lower(i.name) order by 1
select length(i.name) as n, count(*) as c from Image i group by length(i.name) order by c desc, n
select p.sizeX + p.sizeY, count(*) from Pixels p group by p.sizeX + p.sizeY order by 1
select count(*) + 1 from Image i
select max(i.id) from Image i group by i.details.owner.id order by i.details.owner.id
select i.details.owner.omeName as who, i.details.group.name as grp, count(*) as n from Image i group by i.details.owner.omeName, i.details.group.name order by who, grp
select year(e.time), month(e.time), count(e) from Event e where e.id < 5 group by year(e.time), month(e.time)
select case when i.id > 3 then 'b' else 'a' end, count(*) from Image i group by case when i.id > 3 then 'b' else 'a' end
select i.name, max(p.sizeX) from Image i join i.pixels p group by i.name having max(p.sizeX) > 50 and min(p.sizeX) < 1000 order by max(p.sizeX) desc, i.name
select (select max(p.sizeX) from Pixels p where p.image.id = i.id), i.id from Image i order by i.id
select count(*), (select count(*) from Dataset d) from Image i
select i.id, (select count(*) from Dataset d) from Image i group by i.id order by i.id
select avg((select count(p) from Pixels p where p.image = i)) from Image i
select every(i.archived) from Image i
select i.id, exists (select 1 from Pixels p where p.image = i) from Image i
select i from Image i where exists (select p from i.pixels p)
select i from Image i where exists (select p.id from Pixels p where p.image.id = i.id and p.sizeX > 10) order by i.id
select i.id from Image i where not exists (from DatasetImageLink l where l.child = i) and not exists (from WellSample ws where ws.image = i) order by i.id
select d.id from Dataset d where exists (select l from d.imageLinks l where l.child.name like '%e%') order by d.id
select d.id from Dataset d where exists (select l from DatasetImageLink l join l.child i join i.pixels p where l.parent = d and p.sizeX > 10) order by d.id
select i.id from Image i where 'orphan' in (select d.name from Dataset d) order by i.id
select i.id from Image i where i.name in (select d.name from Dataset d)
select i.id from Image i where (i.id, i.name) in (select d.id, d.name from Dataset d)
select i.id from Image i where i.id in (select max(x.id) from Image x group by x.details.owner.id) order by i.id
select i.id from Image i where i.id in (select distinct l.child.id from DatasetImageLink l where l.parent.name like '%') order by i.id
select i.id from Image i where i.id >= all (select x.id from Image x)
select i.id from Image i where i.id < some (select x.id from Image x) order by i.id
select i.id from Image i where i.id = (select x.id from Image x)
select i.id from Image i where i.id = (select min(x.id) from Image x where x.id > i.id - 1) order by i.id
select i.id from Image i where i.id in elements(i.pixels)
select p.id from Pixels p, Image i where p in elements(i.pixels) order by p.id
select i.id from Image i, Pixels p where p member of i.pixels order by i.id, p.id
select i.id from Image i, Pixels p where p not member of i.pixels order by i.id, p.id
select i.id from Image i where i.datasetLinks.size = 0 order by i.id
select i.id from Image i where size(i.datasetLinks) between 1 and 2 order by i.id
select i.id from Image i order by size(i.datasetLinks), i.id
select i.id from Image i where size(i.pixels) = size(i.datasetLinks) order by i.id
select w.id from Well w where maxindex(w.wellSamples) >= 1 order by w.id
select w.id from Well w where minindex(w.wellSamples) = 0 order by w.id
select w.id, ws.id from Well w join w.wellSamples ws where index(ws) = maxindex(w.wellSamples) order by w.id
select i.id from Image i where maxelement(i.pixels) > 0
select w.id from Well w where w.wellSamples[1].image.name like '%' order by w.id
select w.id, ws.id from Well w, WellSample ws where w.wellSamples[0] = ws order by w.id
select w.id, ws.id from Well w, WellSample ws where w.wellSamples[maxindex(w.wellSamples)] = ws order by w.id
select indices(w.wellSamples) from Well w
select elements(i.pixels) from Image i order by i.id
select elements(d.imageLinks) from Dataset d where d.id = :id
select elements(w.wellSamples), w.id from Well w
select i.id from Image i where 1 in indices(i.pixels)
select i.id from Image i where 0 in indices(i.pixels) order by i.id
select i.id from Image i where exists indices(i.pixels)
select i.id from Image i where some elements(i.pixels) is not null
select i.id from Image i, Pixels p where p = some elements(i.pixels) order by i.id
select i.id from Image i, Pixels p where p = any elements(i.pixels) order by i.id
select i.id from Image i, Pixels p where p <> all elements(i.pixels) order by i.id, p.id
select ma.id from MapAnnotation ma where size(ma.mapValue) = 0 order by ma.id
select i.id from Image i where i.name = 1
select i.id from Image i where i.id = 'abc'
select i.id from Image i where i.id = '1' or i.id = '2' order by i.id
select i.id from Image i where i.archived = 1
select i.id from Image i where i.acquisitionDate = 1
select i.id from Image i where i.acquisitionDate > '2023-11-14 22:12:00' order by i.id
select i.id from Image i where i.acquisitionDate > '2023-11-14'  order by i.id
select i.id from Image i where i.acquisitionDate between '2023-01-01' and '2024-01-01' order by i.id
select i.id from Image i where i.name > i.id
select i.id from Image i where i.id = i.name
select i.id from Image i where i = i.id order by i.id
select i.id from Image i where i = 1
select i.id from Image i where i = '1'
select i.id from Image i where i in (1, 2) order by i.id
select i.id from Image i where i.fileset = 1 order by i.id
select i.id from Image i where i.fileset = i.instrument
select p.id from Pixels p where p.sizeX = 64.0 order by p.id
select p.id from Pixels p where p.sizeX = 64.5
select p.id from Pixels p where p.sizeX > 64.5 order by p.id
select p.id from Pixels p where p.physicalSizeX > 0
select p.id from Pixels p where p.physicalSizeX = p.physicalSizeX order by p.id
select p.id from Pixels p where p.physicalSizeX in (1, 2)
select p.id from Pixels p where p.physicalSizeX <> null order by p.id
select p.id from Pixels p where p.physicalSizeX = null order by p.id
select p.id from Pixels p where p.physicalSizeX is not null order by p.id
select p.id from Pixels p where p.timeIncrement is null and p.physicalSizeX.value is not null order by p.id
select p.id from Pixels p where p.physicalSizeX.unit is null order by p.id
select p.id from Pixels p group by p.physicalSizeX, p.id
select p.physicalSizeX.unit, count(*) from Pixels p group by p.physicalSizeX.unit order by count(*), p.physicalSizeX.unit
select distinct p.physicalSizeX from Pixels p
select p.physicalSizeX, p.physicalSizeY, p.physicalSizeZ, p.timeIncrement from Pixels p order by p.id
select p from Pixels p order by p.physicalSizeX.value desc, p.id
select p.physicalSizeX as x from Pixels p order by x
select new map(p.physicalSizeX as x, p.physicalSizeX.unit as u) from Pixels p order by p.id
select i.id from Image i where i.name like 1
select i.id from Image i where i.id like '1%'
select i.id from Image i where str(i.id) like '1%' order by i.id
select i.id from Image i where cast(i.id as string) like '1%' order by i.id
select i.id from Image i where i.name like null
select i.id from Image i where i.name like i.description
select i.id from Image i where i.name like 'O%'
select i.id from Image i where i.name ilike 'O%'
select i.id from Image i where upper(i.name) like 'O%' order by i.id
select i.id from Image i where i.name like '%' || 'o' || '%' order by i.id
select i.id from Image i where i.name like concat('%', 'e', '%') order by i.id
select i.id from Image i where i.name like :p escape '!'
select i.id from Image i where i.name like '%!_%' escape '!' order by i.id
select i.id from Image i where i.name between 'a' and 'n' order by i.id
select i.id from Image i where i.name not between 'a' and 'n' order by i.id
select i.id from Image i where 3 between i.id and i.id + 2 order by i.id
select i.id from Image i where i.id between :lo and :hi order by i.id
select i.id from Image i where i.name in ('orphan', null)
select i.id from Image i where i.name not in ('orphan', null)
select i.id from Image i where i.id in (1, '2', 3.0) order by i.id
select i.id from Image i where i.id not in :ids order by i.id
select i.id from Image i where i.id not in (:ids) order by i.id
select i.id from Image i where not i.id in (:ids) order by i.id
select i.id from Image i where lower(i.name) in (:names)
select i.id from Image i where i.id + 1 in (2, 3) order by i.id
select i.id from Image i where i.archived in (true, false) order by i.id
select i.id from Image i where i.archived is true
select i.id from Image i where i.archived is not true
select i.id from Image i where i.archived is false
select i.id from Image i where i.archived != true
select i.id from Image i where i.archived
select i.id from Image i where not i.archived
select i.id from Image i where i.archived = :flag
select i.id from Image i where :flag = i.archived
select i.id from Image i where :flag = true
select i.id from Image i where :n is null
select i.id from Image i where :n is null or i.name = :n
select i.id from Image i where coalesce(i.archived, false) = false order by i.id
select i.id from Image i where (i.archived = true) = true
select i.id from Image i where (i.archived is null) = true
select i.id from Image i where not (i.archived = true or i.archived is null) order by i.id
select i.id from Image i where i.id = 1 or (i.id = 2 and (i.name = 'x' or not i.name = 'y')) order by i.id
select i.id from Image i where i.id > 1 and i.id < 4 and not not i.id = 2
select i.id from Image i where 1 = 0
select i.id from Image i where 'a' = 'a' and 2 > 1 order by i.id
select i.id from Image i where null = null
select i.id from Image i where i.name = null or i.description = null order by i.id
select i.id from Image i where null = i.description order by i.id
select i.id from Image i where i.description <> null order by i.id
select i.id from Image i where i.fileset = null order by i.id
select i.id from Image i where i.fileset != null order by i.id
select i.id from Image i where i.fileset.id = null order by i.id
select i.id from Image i where i.details.externalInfo = null order by i.id
select i.id from Image i where i.fileset.id is null order by i.id
select i.id from Image i where i.fileset.templatePrefix is null order by i.id
select i.id from Image i where (i.name || 'x') = 'orphanx'
select i.id from Image i where -i.id = -2
select i.id from Image i where i.id % 2 = 0 order by i.id
select i.id from Image i where mod(i.id, 2) = 1 order by i.id
select i.id from Image i where i.id * 2 > 6 and i.id / 2 < 4 order by i.id
select i.id from Image i where i.id in (select p.image from Pixels p) order by i.id
select i.id from Image i where i in (select p.image from Pixels p where p.sizeX > 64) order by i.id
select i.id from Image i where i.id in (select p.image.id from Pixels p where p.sizeX > 64) order by i.id
select i.id from Image i where i.details.owner in (select m.child from GroupExperimenterMap m where m.parent.id = :gid) order by i.id
select i.id from Image i where i.details.owner.id in (select m.child.id from GroupExperimenterMap m where m.owner = true) order by i.id
select i.id from Image i where i.details.owner.id <> i.details.group.id order by i.id
select i.id from Image i where i.details.creationEvent = i.details.updateEvent order by i.id
select i.id from Image i where i.details.permissions is not null
select i.id from Image i where i.details is not null
select i.id from Image i where i.details.owner is not null order by i.id
select i.id from Image i order by i.details.permissions, i.id
select i.id from Image i where i.details.permissions = -52
select i.details.permissions.perm1 from Image i order by i.id
select g.id, g.details.permissions.perm1 from ExperimenterGroup g order by g.id
select g from ExperimenterGroup g where g.details.permissions.perm1 = -120 order by g.id
select i.fileset.templatePrefix, count(i) from Image i group by i.fileset.templatePrefix order by 1
select i.id from Image i where i.fileset.templatePrefix like '%' or i.id = 1 order by i.id
select i.id, f.id from Image i left join i.fileset f where f.templatePrefix like '%' or f is null order by i.id
select i.id, f from Image i left join i.fileset f order by i.id
select i.id, i.fileset, f.id from Image i left join i.fileset f order by i.id
select i.id, ins.microscope.type.value from Image i left join i.instrument ins order by i.id
select p.image.fileset.id from Pixels p order by p.id
select p.image.details.owner.id from Pixels p order by p.id
select p.image.details.owner.omeName from Pixels p order by p.id
select p.image.details.owner from Pixels p where p.id = 1
select l.child.details.creationEvent.time from DatasetImageLink l order by l.id
select ws.well.plate.id, ws.well.plate.name, ws.image.id from WellSample ws order by ws.id
select ws.id from WellSample ws where ws.well.plate.name like '%' and ws.plateAcquisition.name like '%' order by ws.id
select ws.id from WellSample ws order by ws.plateAcquisition.name, ws.id
select ws.id from WellSample ws order by ws.plateAcquisition.id, ws.id
select i from Image i join i.datasetLinks l join l.parent d join d.projectLinks pl join pl.parent p where p.id = :id order by i.id
select i.id, p.id from Image i left join i.datasetLinks l left join l.parent d left join d.projectLinks pl left join pl.parent p order by i.id, p.id
select i.id, p.id from Image i join i.datasetLinks as l join l.parent.projectLinks as pl join pl.parent as p order by i.id, p.id
select i.id, p.name from Image i left outer join i.datasetLinks l left outer join l.parent.projectLinks pl left outer join pl.parent p order by i.id, p.name
select d.id, o.omeName from Dataset d join d.details.owner o order by d.id
select d.id, e.time from Dataset d join d.details.creationEvent e order by d.id
select d.id, e.experimenter.omeName from Dataset d left join d.details.updateEvent e order by d.id
select d from Dataset d join fetch d.details.owner o left join fetch o.groupExperimenterMap m left join fetch m.parent where d.id = :id
select i from Image i left join fetch i.fileset f left join fetch f.usedFiles u left join fetch u.originalFile o left join fetch o.hasher order by i.id
select i from Image i inner join fetch i.pixels p inner join fetch p.pixelsType order by i.id
select i from Image i join fetch i.pixels p left join fetch p.channels c left join fetch c.logicalChannel lc left join fetch c.statsInfo order by i.id
select i from Image i fetch all properties where i.id = 1
from Image i fetch all properties
select i from Image i left join fetch i.pixels fetch all properties
from Image i left join i.pixels p left join fetch p.channels
select i, p from Image i left join i.pixels p left join fetch p.channels order by i.id, p.id
select p from Image i left join i.pixels p left join fetch p.channels order by i.id, p.id
select i from Image i left join i.pixels p left join fetch p.channels
select p.image from Pixels p where p.id = 1
select p.image, p.pixelsType from Pixels p order by p.id
select l.parent, l.child from DatasetImageLink l order by l.id
select distinct l.parent from DatasetImageLink l
select distinct l.parent.name from DatasetImageLink l order by l.parent.name
select l.child from ImageAnnotationLink l order by l.id
select l.child.textValue from ImageAnnotationLink l order by l.id
select l.child.file.name from ImageAnnotationLink l
select l.child.mapValue from ImageAnnotationLink l
select l.parent.id, mv.name from ImageAnnotationLink l join l.child.mapValue mv order by l.parent.id, mv.name
select l.parent.id, mv.name from ImageAnnotationLink l left join l.child.mapValue mv order by l.parent.id, mv.name
select l.parent.id, f.name from ImageAnnotationLink l left join l.child a left join a.file f order by l.id
select i.id, a.id, f.name from Image i left join i.annotationLinks l left join l.child a left join a.file f order by i.id, a.id
select l from IAnnotationLink l
from java.lang.Object o
from omero.model.Image
from Image i, in(i.pixels) p
from Image i, in class Dataset
from p in class Pixels
select p.id from p in class Pixels
select x.id from Image i, x in elements(i.pixels)
select p.id from Image i, in(i.pixels) as p
select i.id, d.id from Image i, Dataset d where i.name = d.name order by i.id, d.id
select i.id, d.id from Image i, Dataset d left join d.imageLinks l where l.child = i order by i.id, d.id
select i.id, d.id from Dataset d left join d.imageLinks l, Image i where l.child = i order by i.id, d.id
select i.id, j.id from Image i, Image j where i.fileset = j.fileset and i.id < j.id order by i.id, j.id
select i.id, j.id from Image i join i.fileset f join f.images j where i.id < j.id order by i.id, j.id
select a, b from Image a, Image b where a.id = 1 and b.id = 2
select a.id, b.id, c.id from Image a, Dataset b, Project c where a.details.owner = b.details.owner and b.details.owner = c.details.owner order by a.id, b.id, c.id
select i.id, p.id from Image i inner join i.pixels p with p.sizeX > 64 order by i.id
select i.id, p.id from Image i left outer join i.pixels p with p.sizeX > 64 and p.sizeY > 1 order by i.id, p.id
select i.id, l.id from Image i left outer join i.annotationLinks l with l.child.ns is not null order by i.id
select i.id, l.id from Image i left outer join i.annotationLinks l with l.details.owner.id = :id order by i.id, l.id
select i.id, l.id from Image i left outer join i.annotationLinks l with l.id > i.id order by i.id, l.id
select i.id, a.id from Image i left join i.annotationLinks l left join l.child a with a.class = TagAnnotation order by i.id, a.id
select i.id, p.id from Image i left join i.pixels p on p.sizeX > 64
select i.id from Image i left join Pixels p with p.image = i
select i.id, p.id from Image i right join i.pixels p order by p.id
select d.id, l.id from Dataset d full outer join d.imageLinks l
select i.id, r.id from Image i full join i.rois r order by i.id, r.id
select i.id from Image i order by i.fileset.id desc, i.id desc
select i.id from Image i order by i.description, i.id
select i.id from Image i order by i.description desc, i.id
select i.id from Image i order by i.fileset, i.id
select i.id from Image i order by i
select i.id from Image i order by i.details.owner, i.id
select i.id from Image i order by i.details.owner.lastName, i.id
select i.id from Image i order by length(i.name) desc, i.name asc
select i.id from Image i order by i.archived, i.id
select i.id from Image i order by i.archived desc, i.id
select i.id from Image i order by coalesce(i.description, i.name), i.id
select i.id from Image i order by i.id * -1
select i.id from Image i order by -i.id
select i.id from Image i order by (select count(*) from DatasetImageLink l where l.child = i) desc, i.id
select i.id, (select count(*) from DatasetImageLink l where l.child = i) as n from Image i order by n desc, i.id
select i.id, (select count(*) from DatasetImageLink l where l.child = i) as n from Image i order by 2 desc, 1 desc
select i.id as a, i.name as b from Image i order by b, a
select i.id as a, i.name as b from Image i where a > 2
select i.id as name from Image i order by name
select i.name as n from Image i order by lower(n)
select i.name as n from Image i group by n
select i from Image i order by i.name ascending, i.id descending
select i from Image i order by i.name nulls last
select distinct i.name from Image i order by i.id
select distinct i.name from Image i order by i.name desc
select distinct i.name as n from Image i order by n
select distinct i from Image i left join i.datasetLinks l order by i.id
select distinct i, l.id from Image i left join i.datasetLinks l order by i.id, l.id
select distinct i.details.owner.id, i.archived from Image i order by i.details.owner.id, i.archived
select distinct i.name || 'x' from Image i
select distinct count(i) from Image i
select count(distinct i.name), count(distinct i.details.owner) from Image i
select distinct new map(i.details.owner.id as o) from Image i
select distinct lower(i.name) as n from Image i order by lower(i.name)
select i.name from Image i, Dataset d order by d.name, i.name
select a.id from Annotation a order by a.class, a.id
select a.id from Annotation a order by a.textValue, a.id
select a.id from Annotation a order by a.file.name, a.id
from Annotation a order by a.id
from TextAnnotation a order by a.id
from BasicAnnotation a
from TypeAnnotation a
from ListAnnotation a
from NumericAnnotation a
from Shape s order by s.id
from Job j order by j.id
from LightSource l order by l.id
from Share s
from CodomainMapContext c
from Experimenter
from ExperimenterGroup g left join fetch g.groupExperimenterMap m left join fetch m.child c
from Event e left join fetch e.session s left join fetch s.owner where e.id < 5
from EventLog el join fetch el.event where el.id < 50
from LogicalChannel lc left join fetch lc.lightSourceSettings s left join fetch s.lightSource l
from LogicalChannel lc left join fetch lc.channels c left join fetch c.pixels
from Instrument i left join fetch i.lightSource l left join fetch i.detector d left join fetch d.type
from Laser l left join fetch l.pump p left join fetch l.pulse left join fetch l.laserMedium
from LightSource l left join fetch l.pump
from LightSource l left join fetch l.type
from Annotation a left join fetch a.file f left join fetch f.hasher order by a.id
from Annotation a left join fetch a.mapValue
from FileAnnotation a join fetch a.file f left join fetch f.details.owner
from ImageAnnotationLink l join fetch l.child c left join fetch c.file order by l.id
from ImageAnnotationLink l join fetch l.parent p join fetch p.details.owner order by l.id
from ImageAnnotationLink l left join fetch l.details.owner left join fetch l.details.group order by l.id
from AnnotationAnnotationLink l join fetch l.parent join fetch l.child
from Image i left join fetch i.annotationLinks l left join fetch l.child a left join fetch a.annotationLinks order by i.id
from Image i left join fetch i.annotationLinks al left join fetch i.datasetLinks dl order by i.id
from Image i left join fetch i.wellSamples ws left join fetch ws.well w left join fetch w.plate order by i.id
from Image i left join fetch i.rois r left join fetch r.shapes s order by i.id
from Roi r left join fetch r.shapes s left join fetch s.transform t order by r.id
from Roi r left join fetch r.shapes s left join fetch s.pixels order by r.id
from Roi r left join fetch r.source left join fetch r.image order by r.id
from Roi r left join fetch r.folderLinks l left join fetch l.parent order by r.id
from Mask m left join fetch m.pixels
from Shape s left join fetch s.pixels where s.class = Mask
from Plate p left join fetch p.wells w left join fetch w.wellSamples ws left join fetch ws.image i left join fetch i.pixels
from Plate p left join fetch p.plateAcquisitions pa left join fetch pa.wellSample
from Screen s left join fetch s.plateLinks l left join fetch l.child p left join fetch s.reagents
from Well w left join fetch w.reagentLinks l left join fetch l.child r left join fetch r.screen
from RenderingDef r left join fetch r.waveRendering c left join fetch c.spatialDomainEnhancement e left join fetch r.projections
from ChannelBinding c left join fetch c.spatialDomainEnhancement e order by c.id
from Fileset f left join fetch f.usedFiles left join fetch f.jobLinks l left join fetch l.child j order by f.id
from Fileset f left join fetch f.images i left join fetch i.pixels order by f.id
from OriginalFile f left join fetch f.filesetEntries e left join fetch e.fileset order by f.id
from OriginalFile f left join fetch f.pixelsFileMaps m left join fetch m.child p order by f.id
from LightPath l left join fetch l.excitationFilterLink e left join fetch e.child f left join fetch l.emissionFilterLink m left join fetch m.child
from FilterSet f left join fetch f.excitationFilterLink e left join fetch e.child left join fetch f.dichroic
from Objective o join fetch o.immersion join fetch o.correction left join fetch o.instrument
from ObjectiveSettings o left join fetch o.medium left join fetch o.objective
from Detector d join fetch d.type left join fetch d.annotationLinks
from DetectorSettings d left join fetch d.binning join fetch d.detector
from Experiment e join fetch e.type left join fetch e.microbeamManipulation m left join fetch m.lightSourceSettings s
from Folder f left join fetch f.parentFolder p left join fetch p.parentFolder left join fetch f.roiLinks l left join fetch l.child
from Thumbnail t join fetch t.pixels p join fetch p.image
from PlaneInfo p join fetch p.pixels left join fetch p.annotationLinks
from Namespace n left join fetch n.annotationLinks
from ExternalInfo e
from ShareMember m left join fetch m.parent left join fetch m.child
from Node n
from DBPatch p
from GroupExperimenterMap m join fetch m.parent join fetch m.child order by m.id
from Experimenter e left join fetch e.config order by e.id
from ExperimenterGroup g left join fetch g.config order by g.id
from Experimenter e left join fetch e.annotationLinks l left join fetch l.child order by e.id
from ScriptJob j left join fetch j.originalFileLinks l left join fetch l.child
from Job j left join fetch j.status
from UploadJob j
from Job j left join fetch j.versionInfo
from ImagingEnvironment i left join fetch i.map
from GenericExcitationSource g
from OTF o left join fetch o.pixelsType left join fetch o.objective left join fetch o.filterSet
from Microscope m join fetch m.type
from StatsInfo s
from AffineTransform a
from MicrobeamManipulation m left join fetch m.experiment
from WellReagentLink w join fetch w.child
from Reagent r left join fetch r.wellLinks
select a.class from ImageAnnotationLink l join l.child a order by a.id
select l.child.class, count(l) from ImageAnnotationLink l group by l.child.class
select type(l.child), count(l) from ImageAnnotationLink l group by type(l.child)
select type(a), a.id from Annotation a where type(a) <> TagAnnotation order by a.id
select a.id from Annotation a where a.class = 'x'
select a.id from Annotation a where a.class in (TagAnnotation) order by a.id
select a.id from Annotation a where a.class not in (TagAnnotation, ome.model.annotations.MapAnnotation) order by a.id
select a.id from Annotation a where TagAnnotation = a.class order by a.id
select a.id from Annotation a where a.class = omero.model.TagAnnotation
select a.id from Annotation a where a.class = TextAnnotation
select a.id from Annotation a where a.class = Annotation
select a.id from Annotation a where a.class = Image
select a.id from Annotation a where a.class is null
select a.id from Annotation a where a.class like '/basic%' order by a.id
select a.id from Annotation a where a.class > '/basic' order by a.id
select a.id from Annotation a, Annotation b where a.class = b.class and a.id < b.id order by a.id, b.id
select j.id from Job j where j.class = UploadJob or j.class = ImportJob order by j.id
select j.id from Job j where j.class > 3 order by j.id
select j.id from Job j where type(j) = ScriptJob order by j.id
select l.id from LightSource l where l.class != Laser order by l.id
select l.class, l.id from LightSource l group by l.class, l.id order by l.id
select s.id from Session s where s.class = Share order by s.id
select c.id from CodomainMapContext c where c.class = ReverseIntensityContext
select s.id from Shape s where s.class = 'rect' order by s.id
select s.id from Shape s where s.class != Mask and s.class <> Rectangle order by s.id
select s.class as c, count(*) as n from Shape s group by s.class order by n desc, c
select a.textValue from Annotation a where a.class = TagAnnotation order by a.textValue
select a.textValue, a.longValue, a.file.id from Annotation a order by a.id
select a.textValue from BasicAnnotation a order by a.id
select a.mapValue from TagAnnotation a
select t.file from TagAnnotation t
select s.x, s.width, s.points, s.d from Shape s order by s.id
select l.laserMedium.value from LightSource l order by l.id
select l.type.value from LightSource l order by l.id
select l.type from LightSource l order by l.id
select l.wavelength, l.wavelength.value from LightSource l order by l.id
select sh.itemCount, s.id from Share sh, Session s where s.id = sh.id
select i.class from Image i where i.id = 1
select e.class from Experimenter e
select i.id from Image i where i.class = Image
select i.id from Image i where type(i) = Image order by i.id
select type(i) from Image i order by i.id
select type(i.details.owner) from Image i order by i.id
select i.id.class from Image i
select a from Annotation a where a.id = 11L
select a from Annotation a where a.id in (11, 12) order by a.ns desc, a.id
select i, p, i.id, p.sizeX from Image i join i.pixels p order by i.id, p.id
select i, i.name from Image i order by i.id
select i.name, i from Image i order by i.id
select i.details.owner, i.details.group, i.details.creationEvent from Image i order by i.id
select i.details.permissions, i from Image i order by i.id
select new map(i as i, p as p, p.sizeX as x) from Image i join i.pixels p order by i.id, p.id
select new map(i.details.permissions as p) from Image i order by i.id
select new map(i.acquisitionDate as d, i.archived as a, p.physicalSizeX as s) from Image i join i.pixels p order by i.id, p.id
select new map(count(i) as n) from Image i
select new map(max(i.id) as m, min(i.name) as n) from Image i
select new map(i.id as id), i.name from Image i
select i.name, new map(i.id as id) from Image i
select new list(i.id, i.name) from Image i
select new list(i, i.name) from Image i order by i.id
select new ome.model.core.Image(i.id) from Image i
select new map(new map(i.id as a) as b) from Image i
select new map(i as x_details_permissions, i.id as id) from Image i order by i.id
select object(i) from Image i order by i.id
select object(i.pixels) from Image i
select i.* from Image i
select * from Image i
select i.id id from Image i
select i.id i from Image i
select distinct i, i.name from Image i order by i.id
select e.config from Experimenter e
select n.keywords from Namespace n
select distinct i.pixels from Image i
select i.annotationLinksCountPerOwner from Image i
select i.pixels, i.id from Image i order by i.id
select w.wellSamples from Well w where w.id = 1
select i.pixels.id from Image i
select i.pixels.size from Image i order by i.id
select size(i.pixels) from Image i order by i.id
select i.id, i.datasetLinks.size from Image i order by i.id
select i.id, size(i.datasetLinks) from Image i group by i.id order by i.id
select sum(size(i.datasetLinks)) from Image i
select (select size(i.datasetLinks) from Image x where x.id = i.id) from Image i order by i.id
select index(p), p.id from Image i join i.pixels p order by p.id
select index(l) from Image i join i.datasetLinks l
select index(i) from Image i
select max(index(ws)), w.id from Well w left join w.wellSamples ws group by w.id order by w.id
select w.id from Well w left join w.wellSamples ws where index(ws) is null order by w.id
select ws.id, well_index from WellSample ws order by well_index, ws.id
select ws.id from WellSample ws where well_index = 0 order by ws.id
select ws from Well w join w.wellSamples ws where index(ws) = 1 order by ws.id
select c.id from Pixels p join p.channels c where index(c) = 0 order by c.id
select i.id as image_id, p.id as pixels_id, index(p) as idx from Image i left join i.pixels p order by i.id, idx
select p.image.pixels.size from Pixels p
from Image i left join fetch i.annotationLinksCountPerOwner c left join fetch i.datasetLinksCountPerOwner order by i.id
from Dataset d join fetch d.imageLinksCountPerOwner order by d.id
from Plate p left join fetch p.screenLinksCountPerOwner order by p.id
from Annotation a left join fetch a.annotationLinksCountPerOwner order by a.id
from Roi r left join fetch r.shapesCountPerOwner
select case when i.id > 2 then 1 + 2 else 0 end from Image i
select case when i.id > 2 then (1 + 2) else 0 end from Image i
select case when i.id > 2 then -1 else 0 end from Image i
select case i.id + 1 when 2 then 1 else 0 end from Image i
select case when i.id > 2 then i.name else i.id end from Image i order by i.id
select case when i.id > 2 then :p else i.id end from Image i order by i.id
select case when i.id > 2 then 1.5 else 2 end from Image i order by i.id
select coalesce(i.id, 2.5) from Image i
select coalesce(1, i.name) from Image i
select coalesce(i.name, 1) from Image i
select coalesce(null, i.name) from Image i
select coalesce(i.description, :p) from Image i
select coalesce(:p, i.description) from Image i
select nullif(i.name, 1) from Image i
select lower(i.id) from Image i
select upper(1) from Image i
select length(i.id) from Image i
select abs(i.name) from Image i
select substring(i.id, 1, 1) from Image i
select trim(i.id) from Image i
select concat(i.id, i.name) from Image i
select concat(i.id, 1) from Image i
select i.id || ' ' || i.name from Image i
select i.id || i.id from Image i
select i.archived || '' from Image i
select i.acquisitionDate || '' from Image i
select p.physicalSizeX.value || '' from Pixels p
select i.name * 2 from Image i
select i.id + '1' from Image i
select i.id + true from Image i
select i.archived + 1 from Image i
select i.acquisitionDate + 1 from Image i
select p.physicalSizeX.value % 2 from Pixels p
select p.physicalSizeX * 2 from Pixels p
select mod(p.physicalSizeX.value, 2) from Pixels p
select mod(i.id, 0) from Image i
select i.id / 0 from Image i
select sqrt(i.name) from Image i
select year(i.id) from Image i
select year(i.name) from Image i
select avg(i.name) from Image i
select sum(i.acquisitionDate) from Image i
select min(i.archived) from Image i
select sum(i) from Image i
select max(i) from Image i
select count(i.details.permissions) from Image i
select -i.name from Image i
select i.id from Image i where i.id in ('1', 'x')
select i.id from Image i where i.id in (i.name)
select i.id from Image i where i.name in (1, 2)
select i.id from Image i where i.id in (select d.name from Dataset d)
select i.id from Image i where i.id between 'a' and 2
select i.id from Image i where i.name between 1 and 2
select i.id from Image i where i.acquisitionDate = 'abc'
select i.id from Image i where i.archived = 'abc'
select i.id from Image i where i.archived > false
select i.id from Image i where i.archived = i.id
select p.id from Pixels p where p.physicalSizeX.value = '0.1'
select p.id from Pixels p where p.sizeX = '64.5'
select p.id from Pixels p where p.sizeX = ' 64 '
select i.id from Image i where i.acquisitionDate > i.id
select i.id from Image i where lower(i.name) = 1
select i.id from Image i where length(i.name) = 'x'
select i.id from Image i where count(i) > 1
select i.id from Image i where i.id = (select d.id, d.name from Dataset d where d.id = 1)
select i.id from Image i where exists (select d.id, d.name from Dataset d where d.id = 1) order by i.id
select i.id from Image i where i.id in (select d.id, d.name from Dataset d)
select i.id from Image i where (i.id, i.name) = (1, 'x')
select i.id from Image i where (i.id, i.name) in ((1, 'x'), (2, 'y'))
select (i.id, i.name) from Image i
select i.id from Image i where i.pixels is null
select i.id from Image i where i.pixels = 1
select i.id from Image i order by i.pixels
select i.id from Image i group by i.pixels
select i.id from Image i where i.pixels in (1, 2)
select i.id from Image i where 1 member of i.pixels
select i.id from Image i where i.id = 1 = true
select i.id from Image i where not i.id
select i.id from Image i where i.name = "orphan"
select i.id from Image i where i.id = 1;
select i.id, p.id from Image i left join i.pixels p with 1 = 1 order by i.id, p.id
select i.id, p.id from Image i left join i.pixels p with i.name = 'orphan' order by i.id, p.id
select i.id, p.id from Image i left join i.pixels p with p.image = i order by i.id, p.id
select i.id, p.id from Image i left join i.pixels p with p.pixelsType.id = 1 order by i.id, p.id
select i.id, p.id from Image i left join i.pixels p with p.pixelsType = :t order by i.id, p.id
select i.id, p.id from Image i left join i.pixels p with p.pixelsType.value = 'uint8' order by i.id, p.id
select i.id, p.id from Image i left join i.pixels p with p.sizeX in (select d.id from Dataset d) order by i.id, p.id
select i.id, p.id from Image i left join i.pixels p with size(p.channels) > 1 order by i.id, p.id
select i.id, p.id from Image i left join i.pixels p with p.id is null order by i.id, p.id
select i.id from Image i order by i.id = 1, i.id
select i.id from Image i order by 'x'
select i.id from Image i order by :p
select i.id from Image i order by null
select i.id from Image i order by elements(i.pixels)
select count(i) from Image i group by (select 1 from Dataset d)
select lower((select max(d.name) from Dataset d)) from Image i where i.id = 1
select i.id from Image i where coalesce(i.archived = true, false) = true
select i.id from Image i where i.id = +1
select i.id from Image i where i.id = -(-1)
select 1.5f, 1.5d, 1.5 from Image i where i.id = 1
select max(elements(i.pixels)) from Image i
select count(elements(i.pixels)) from Image i
select count(distinct elements(d.imageLinks)) from Dataset d
select i.id from Image i where max(elements(i.pixels)) > 1
select i.id from Image i where maxelement(i.pixels) > 1 order by i.id
select maxelement(i.pixels) from Image i
select distinct i from Image i order by lower(i.name)
select distinct i from Image i order by i.fileset.id, i.id
select distinct i from Image i order by i.fileset.templatePrefix
select distinct i from Image i left join fetch i.fileset f order by f.templatePrefix, i.id
select distinct i from Image i left join i.fileset f order by f.templatePrefix
select distinct i from Image i order by i.details.owner, i.id
select distinct p from Pixels p order by p.physicalSizeX.value, p.id
select distinct new map(i.id as x) from Image i order by i.name
select distinct i.id, i.name from Image i order by 2
select distinct i.id from Image i order by 1 + 1
select distinct p.physicalSizeX from Pixels p order by p.physicalSizeX.value
select distinct i.id from Image i order by i.id + 1
select distinct i.id + 1 from Image i order by i.id + 1
select distinct i.details.owner from Image i order by i.details.owner.id
select distinct o from Image i join i.details.owner o order by o.lastName
select distinct l.parent from DatasetImageLink l order by l.parent.name
select i.id, i.name from Image i group by i.name
select max(i.id) from Image i order by i.name
select i.id from Image i group by i.id order by max(i.name)
select d.id from Dataset d where (select l.child.name from DatasetImageLink l where l.parent = d) = 'x'
select mod(i.id, 2), i.id % 2 from Image i where i.id < 3 order by i.id
select round(1.5), round(2.5), round(-0.5), trunc(-1.7), ceil(-1.2), floor(-1.2), sign(-3), abs(-3) from Image i where i.id = 1
select round(p.physicalSizeX.value * 25), round(p.sizeX) from Pixels p where p.id < 4 order by p.id
select length('abc'), upper('ä'), initcap('hello wORLD-foo bar'), md5('x'), octet_length('ä'), bit_length('ä'), char_length('ä') from Image i where i.id = 1
select to_char(i.acquisitionDate, 'YYYY-MM-DD HH24:MI:SS'), to_char(i.acquisitionDate, 'Mon DD, YYYY'), to_char(i.acquisitionDate, 'Q WW D DDD Dy Day Month YY HH12 AM') from Image i where i.id = 1
select date_trunc('month', i.acquisitionDate), date_trunc('week', i.acquisitionDate) from Image i where i.id = 1
select 1 + 1.5, 7 / 2, 7.0 / 2, 2 * 1.5 from Image i where i.id = 1
select i.id from Image i where power(i.id, 2) = 4
select greatest(i.id, 2) as x from Image i
select i.id from Image i where greatest(i.id, 2) = 2 order by i.id
select i.id from Image i where foo(i.id) = 2
select ltrim(i.name) from Image i
select i.id from Image i where ltrim(i.name) = i.name order by i.id
select log(p.sizeX), ln(p.sizeX), radians(p.sizeX), degrees(p.sizeX), atan(p.sizeX), cot(p.sizeX) from Pixels p where p.id = 1
select :p, i.id from Image i
select i.id, i.id = 1, i.name from Image i
select i.id from Image i where lower(i.name)
select i.id from Image i where :flag
select i.id from Image i where true
select i.id from Image i where i.id = 1 and i.archived
select i from Image i join i.pixels i
select s.id from Image i left join i.pixels s left join i.datasetLinks s order by s.id
select i.id from Image i, Image i
select i.id from Image i, in(i.pixels) i
select i.id from Image i where exists (select i.id from Dataset i where i.id = 1) order by i.id
select i.id from Image i where exists (select d.id from Dataset d join d.imageLinks i where i.id = 1) order by i.id
select i.name from Image i join i.details.owner i
select l.child.ns from Image i join i.annotationLinks l join i.pixels p
select p.id from Image i join i.annotationLinks l join i.pixels p where l.child.ns is not null order by p.id
select i.id from Image i where i.id in (select l.child.id from DatasetImageLink l join l.parent d join l.child c where d.name is not null) order by i.id
select i.id from Image i where exists (select l.child.name from ProjectDatasetLink pl join pl.child d join d.imageLinks l join pl.parent p where l.child = i) order by i.id
select d.id from Dataset d where d.id = (select max(l.parent.details.owner.id) from DatasetImageLink l join l.child c join l.parent p) order by d.id
select a from Plate a inner join fetch a.annotationLinks b join fetch a.annotationLinks c where not b.details.owner.id = 1 order by a.id, b.id, c.id
select i.id, o.omeName from Image i, Experimenter o where i.details.owner = o and o.omeName <> 'root' order by i.id
select i.id from Image i where i.details.owner.id in (select m.child.id from ExperimenterGroup g join g.groupExperimenterMap m where g.name = :g and m.owner = true) order by i.id
select g.name, (select count(m) from GroupExperimenterMap m where m.parent = g and m.owner = true) as leaders from ExperimenterGroup g order by leaders desc, g.name
select i.id from Image i where i.details.creationEvent.time between '2023-11-14 22:00:00' and '2023-11-14 23:00:00' order by i.id
select i.id, i.acquisitionDate from Image i where year(i.acquisitionDate) = 2023 and month(i.acquisitionDate) = 11 order by i.id
select distinct mv.name, count(*) from MapAnnotation m join m.mapValue mv group by mv.name having count(*) > 1 order by mv.name
select m.id from MapAnnotation m join m.mapValue a join m.mapValue b where a.name = 'Gene' and b.name = 'Gene' and a.value <> b.value order by m.id
select m.id, index(a), a.name from MapAnnotation m join m.mapValue a order by m.id, index(a)
select i.name, i.id from Image i order by 1 desc, 2
select i.name, i.id from Image i order by 3
select new map(i.name as n, i.id as x) from Image i order by 1
select p, p.sizeX from Pixels p order by 2
select i.archived, count(*) from Image i group by i.archived order by 2 desc, 1
select count(*), i.archived from Image i group by 2 order by 1
select i.fileset.id from Image i order by 1
select id from Annotation where textvalue = 'x'
select textvalue from TagAnnotation
select a.textvalue from TagAnnotation a
select id from Image where acquisitiondate is not null
select id from Image where ACQUISITIONDATE is not null
select i.id, acquisitiondate from Image i
select i.id, sizex from Pixels i
select i.id, i.sizex from Pixels i
select p.id from Pixels p join p.image i where sizex > 0
select p.id from Pixels p join p.image i where acquisitiondate is not null
select p.id from Pixels p, Image i where sizex > 0 and p.image = i
select p.id from Pixels p where p.image.acquisitiondate is not null
select p.id from Pixels p where owner_id = 0
select p.id from Pixels p where group_id = 0
select i.id from Image i where i.owner_id = 0
select p.id from Pixels p where details.owner.omename = 'root'
select e.id from Experimenter e where omename = 'root'
select e.id from Experimenter e where omename = current_user
select e.id from Experimenter e where omename != user
select e.id from Experimenter e where omename != current_user
select e.id from Experimenter e where omename != session_user
select e.id from Experimenter e where omename = nothing
select p.id from Pixels p where image = 1
select p.id from Pixels p where p.image = 1
select p.id from Pixels p where pixelstype = 1
select p.id from Pixels p order by sizex, id
select textvalue, count(*) from Annotation group by textvalue order by textvalue
select p.id from Pixels p where p.id = (select max(id) from Image where acquisitiondate is not null)
select i.id from Image i where exists (select 1 from Pixels p where acquisitiondate is not null)
select i.id from Image i where exists (select 1 from Pixels p where sizex = 64 and p.image = i)
select w.id, well_index from WellSample w
select physicalsizex from Pixels
select physicalsizexunit from Pixels
select id from Pixels p where physicalsizex > 0
select id from Pixels p where textvalue is null
select p.id from Pixels p join p.image i where creation_id > 0
select p.id from Pixels p join p.image i where details.owner.id > 0
select p.id from Pixels p join p.image i where name = 'x'
select p.id from Pixels p join p.image i where partial is null
select i.id from Image i where details_id = 0
select p.id from Pixels p where physicalsizexunit is not null
select l.id from ImageAnnotationLink l where parent = 1
select l.id from ImageAnnotationLink l where PARENT = 1
select l.id from ImageAnnotationLink l join l.child c where lower(textvalue) like '%a%'
select g from ExperimenterGroup g join g.groupExperimenterMap m where g.name != user and m.child.id = 0
select i.id from Image i where user = 'x'
select id from Image where creation_id > 0 and update_id >= 0 and external_id is null
select p.id from Pixels p where p.image.name = 'x' and sizeX > 0
select p.id from Pixels p where p.image.name = 'x' and image.id > 0
select p.id from Pixels p where p.image.name = 'x' and details.owner.id > 0
select p.id from Pixels p where details.owner.id > 0 and p.image.name = 'x'
select p.id from Pixels p join p.image i where image.id > 0
select p.id from Pixels p join p.image i where image = 1
select p.id from Pixels p join fetch p.image where image.id > 0
select p from Pixels p join fetch p.image where image.id > 0
select p from Pixels p join fetch p.image where details.owner.id > 0
select p from Pixels p join fetch p.image where sizeX > 0
select p from Pixels p join fetch p.image where name like '%'
select id from Pixels p join p.image
select id from Pixels p join p.image i where p.id > 0
select p.id, name from Pixels p join p.image i
select sizeX from Pixels p join p.image i
select p.id from Pixels p join p.image i order by id
select p.id from Pixels p join p.image i where id = 1
select p.id from Pixels p, Image i where id = 1
select p.id from Pixels p, Image i where sizeX = 1
select p.id from Pixels p, Image i where pixelsType.value = 'x'
select p.id from Pixels p, Image i where pixelsType.id = 1
from Pixels p, Image i where pixelsType.id = 1
from Pixels as p where pixelsType.value = 'uint8' and sizeX > 1
from Pixels as p where pixelsType.value = 'uint8' and image.name like '%' and details.owner.id >= 0
select i.id from Image i where exists (select p.id from Pixels p join p.channels c where sizeX > 0 and image.id = i.id)
select i.id from Image i where exists (select p.id from Pixels p where sizeX > 0 and image.id = i.id)
select i.id from Image i where exists (select p.id from Pixels p where sizeX > 0 and acquisitionDate is null)
select i.id from Image i where exists (select p.id from Pixels p where sizeX > 0 and details.owner.id = 0 and fileset.id is null)
select p.id from Pixels p join p.image i where class = Image
select count(id) from Image i join i.datasetLinks l where l.parent.id = 1
select count(*) from Image i join i.datasetLinks l where l.parent.id = 1 and archived = true
select max(sizeX) from Pixels p join p.image i
select max(sizeX), i.id from Pixels p join p.image i group by i.id
select i from Image i left outer join fetch i.annotationLinksCountPerOwner c where name like '%'
select i from Image i left outer join fetch i.annotationLinksCountPerOwner c where details.owner.id > 0
select i from Image i left outer join fetch i.annotationLinksCountPerOwner where details.owner.id > 0
select m.id from MapAnnotation m join m.mapValue v where ns like '%'
select m.id from MapAnnotation m join m.mapValue v where details.owner.id >= 0
select m.id from MapAnnotation m join m.mapValue v where name = 'Gene'
select m.id from MapAnnotation m join m.mapValue v where value = 'TP53'
select m from MapAnnotation m join fetch m.mapValue where ns like '%'
select i.id from Image i join i.details d where name like '%' and fileset.id > 0
select i.id from Image i join i.details.owner d where fileset.id > 0
select i.id from Image i join i.details.owner d where fileset > 0
select p.id from Pixels p join p.physicalSizeX x where image.id > 0
select p.id from in(Pixels) p where image.id > 0
select i.id from Image i, in(i.pixels) p where fileset.id > 0
select i.id from Image i, in(i.pixels) p where sizeX > 0
select i.id from Image i where exists (from i.pixels where sizeX > 0)
select i.id from Image i where exists (from i.pixels p where p.sizeX > 0 and pixelsType.id > 0)
select i.id from Image i where exists (select 1 from i.pixels p join p.channels c where sizeX > 0)
select i.id from Image i where i.id in (select image.id from Pixels where sizeX > 0)
select i.id from Image i where i.id in (select image.id from Pixels p join p.channels where sizeX > 0)
select i.id from Image i where (select count(*) from Pixels where image.id = i.id and details.owner.id = 0) > 0
select i.id, (select count(*) from Pixels where image.id = i.id) from Image i
select i.id, (select count(id) from Pixels where image = i) from Image i
select count(*) from Pixels where image.fileset.id is null and id > 2 and image.details.owner.id >= 0
select id from Pixels where image.name like '%' order by image.name desc, id
select new map(id as a, name as b) from Image order by name, id
select new map(id as a, name as b) from Image i join i.pixels p
select distinct id from Image i join i.pixels p
select distinct(name) from Image where id > 1 order by name
select i from Image i join i.pixels p where name = :name
select i.id from Image i join i.pixels p where acquisitionDate > :d
select i.id from Image i join i.pixels p where archived = :d
select i.id from Image i join i.pixels p where archived = false or partial = true
select i.id from Image i join i.pixels p where archived is null and name is not null and not (name = 'x')
select i.id from Image i join i.pixels p where length(name) > 1 and lower(name) like 'a%' and sizeX * 2 > 100
select i.id from Image i join i.pixels p where name in ('a', 'b') or sizeX between 1 and 64 or sizeX in (64)
select i.id from Image i join i.pixels p where name || 'x' = 'y' or concat(name, 'x') = 'z'
select i.id from Image i )
select i.id from Image i ;
select i.id from Image i;
select i.id from Image i where i.id = 1)
select i.id from Image i where (i.id = 1))
select i.id from Image i order by i.id)
select i.id from Image i order by i.id limit 1
select i.id from Image i limit 1
select i.id from Image i where i.id = 1 limit 1
select i.id from Image i where i.id = 1 1
select i.id from Image i where i.id = 1 nonsense
select i.id from Image i nonsense
select i.id from Image i as nonsense
from Image i where i.id = 1 and
from Image where id in (1,2,)
from Image where id in ()
from Image where id in (1 2)
select i.id, from Image i
select i.id i.name from Image i
select i.id from Image i, 
select i.id from Image i where i.name = "x"
select i.id from Image i where i.name = 'it''s'
select i.id from Image i where i.name == 'x'
select i.id from Image i where i.id = 1L
select i.id from Image i where i.id = 1.0
select p.id from Pixels p where p.sizeX = 64f and p.sizeY = 1.5d
select i.id from Image i where i.archived = 'true'
select i.id from Image i where 1=1
select i.id from Image i where true = true
select i.id from Image i where i.id = 1 or 1 = 1 and i.id = 2
select i.id from Image i group by i
select i from Image i group by i
select count(i) from Image i order by i.id
select i.id from Image i having count(i) > 1
select distinct i.id from Image i order by i.name
select distinct i from Image i order by i.name
select i.id, i.name from Image i group by i.id
select upper(i.name) as n from Image i order by n
select i.id as n from Image i order by n desc
select i.id from Image i order by 1
select i.id from Image i order by i.name nulls last
select i.id from Image i where i.acquisitionDate > '2020-01-01'
select i.id from Image i where i.acquisitionDate > current_timestamp
select i.id from Image i where year(i.acquisitionDate) > 2000
select day(i.acquisitionDate), month(i.acquisitionDate) from Image i
select date_trunc('day', i.acquisitionDate) from Image i
select extract(year from i.acquisitionDate) from Image i
select cast(i.id as string) from Image i
select cast(i.id as text) from Image i
select str(i.id) from Image i
select i.id || '' from Image i
select concat(i.id, '-', i.name) from Image i
select i.name || i.id from Image i
select trim(i.name), length(i.name), substring(i.name, 1, 2), locate('a', i.name) from Image i
select case when i.archived = true then 1 else 0 end from Image i
select case i.id when 1 then 'a' else 'b' end from Image i
select nullif(i.name, 'x'), coalesce(i.description, i.name) from Image i
select count(distinct i.name), count(all i.name) from Image i
select avg(p.sizeX), sum(p.sizeX), min(p.sizeX), max(p.sizeX * 2), sum(p.sizeX * p.sizeY) from Pixels p
select sum(p.physicalSizeX.value) from Pixels p
select p.sizeX / 3, p.sizeX % 7, mod(p.sizeX, 7), p.sizeX - -1 from Pixels p
select i from Image i where i.id = (select max(i2.id) from Image i2)
select i.id from Image i where i.id > all (select j.id from Image j where j.id < 3)
select i.id from Image i where i.name like 'a%' escape '!'
select i.id from Image i where i.name ilike 'A%'
select i.id from Image i where lower(i.name) not like '%x%'
select i.id from Image i where i.name not in ('a','b') and i.id not between 1 and 2
select i.id from Image i where i.datasetLinks is empty
select i.id from Image i where i.datasetLinks is not empty
select i.id from Image i where size(i.datasetLinks) > 0
select i.id from Image i where i.datasetLinks.size > 0
select i.id from Image i where count(i.datasetLinks) > 0
select i.id from Image i where exists elements(i.datasetLinks)
select l.id from DatasetImageLink l where l.child in (from Image)
select l.id from DatasetImageLink l where l.child in (select i from Image i)
select l.id from DatasetImageLink l where l.child.id in (select id from Image)
select new ome.Foo(i.id) from Image i
select i from Image as i inner join fetch i.pixels as p inner join fetch p.channels where i.id in (1,2)
select i from Image i join i.pixels with p.sizeX > 1
select i from Image i join i.pixels p with p.sizeX > 1
select i from Image i left join i.annotationLinks l with l.child.id = 1
select i from Image i, Dataset d join d.imageLinks l where l.child = i
select i from Dataset d join d.imageLinks l join l.child i
select l.child from DatasetImageLink l
select l.child, l.parent.name from DatasetImageLink l
select i.pixels from Image i
select elements(i.pixels) from Image i
select i.pixels[0].id from Image i
select i.details.permissions from Image i
select i.details.owner from Image i
select i.details.owner, i.details.group.name from Image i
select p.physicalSizeX from Pixels p
select p.physicalSizeX.unit from Pixels p
select type(a), a.ns from Annotation a
select a.class from Annotation a
select a from Annotation a where a.class = 'ome.model.annotations.TagAnnotation'
select a from Annotation a where a.class in ('TagAnnotation')
select a from Annotation a where type(a) in (TagAnnotation, CommentAnnotation)
select a.textValue from Annotation a where a.class = TagAnnotation
select m.mapValue from MapAnnotation m
select mv.name, mv.value from MapAnnotation m join m.mapValue mv
select m from MapAnnotation m join m.mapValue mv where mv.name = 'Gene' and mv.value like 'T%'
select index(mv), mv from MapAnnotation m join m.mapValue mv
delete from Image
update Image set name = 'x'
insert into Image (name) select name from Image
SELECT I.ID FROM Image I
select I.id from Image i
select i.ID from Image i
select i.id from image i
select i.id from ome.model.core.Image i
select i.id from omero.model.Image i
select i.id from ImageI i
select i.id from Image i, java.lang.Object o
from java.lang.Object
from IObject
from ome.model.IObject
from Object
from Details
select i.id from Image i -- comment
select i.id /* c */ from Image i
select i.id from Image i ) where i.id = 1
select i.id from Image i ) nonsense from nothing
select i.id from Image i )))
select i.id from Image i ) (
select i.id from Image i where i.id = 1) order by i.id
select i.id from Image i where i.id in (1,2)) and i.id = 1
select i.id from Image i ) '
select i.id from Image i ) #
select i.id from Image i ) ?
select i.id from Image i ,
select i.id from Image i ]
select i.id from Image i }
select i.id from Image i +
select i.id from Image i = 1
select i.id from Image i where i.id = 1 =
select i.id from Image i where i.id = 1 ]
select i.id from Image i where i.id = 1 from
select i.id from Image i where i.id = 1 select
select i.id from Image i where i.id = 1 where i.id = 2
select i.id from Image i where i.id = 1 'x'
select i.id from Image i where i.id = 1 union select 2
select i.id from Image i union select j.id from Image j
select i.id from Image i order by i.id where i.id = 1
select i.id from Image i order by i.id order by i.id
select i.id from Image i group by i.id where i.id = 1
select i.id) from Image i
select (i.id from Image i
from Image i)
from Image)
select i from Image i left outer join fetch i.pixels p)
select i from Image i left outer join fetch i.pixels p) where p.sizeX > 3
select i.id from Image i where exists (select 1 from Pixels p)) 
(select i.id from Image i)
select i.id from Image i where i.id = 1 and)
select i.id from Image i where)
select i.id from Image i order by)
select i.id from )
)
select i.id from Image i where unknownfn(i.id) = 1
select i.id from Image i where abs(i.id) = 1 and sqrt(i.id) > 0 and round(i.id) = 1 and floor(i.id) > 0
