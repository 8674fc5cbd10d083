select j.class, j.id from Job j order by j.id
select l.class from LightSource l order by l.id
select a.class, count(a) from Annotation a group by a.class
select a.class, a.id from Annotation a order by a.class, a.id
select type(j), j.id from Job j
select type(l) from LightSource l
select type(a), count(*) from Annotation a group by type(a)
select i.class from Image i
select d.name from Dataset d, in(d.imageLinks) l
select p.id from Image i, in(i.pixels) p where p.sizeX > 10
select i.id, p.id from Image i, in (i.pixels) as p
select i from Image as i, in(i.datasetLinks) l where l.parent.id = :id
select p.sizeX * :d from Pixels p
select p.sizeX * 1.5 from Pixels p
select p.sizeX / 3 from Pixels p
select p.sizeX / 3.0 from Pixels p
select sum(p.sizeX * p.sizeY) from Pixels p
select sum(cast(p.sizeX as long) * p.sizeY) from Pixels p
select avg(p.sizeX) from Pixels p
select avg(o.size) from OriginalFile o
select sum(o.size) from OriginalFile o where o.id < 0
select ma from MapAnnotation ma join fetch ma.mapValue mv where mv.name = 'Gene'
select ma from MapAnnotation ma join ma.mapValue mv where mv.name = 'Gene'
select distinct ma from MapAnnotation ma left outer join fetch ma.mapValue mv where mv.value = 'TP53'
select ma.id, mv.name, mv.value from MapAnnotation ma join ma.mapValue as mv order by ma.id, mv.name, mv.value
select i.pixels from Image i where i.id = :id
select l.parent from DatasetImageLink l where l.child.id = :id
select l.child from DatasetImageLink l where l.parent.id = :id order by l.child.id
select p.pixelsType from Pixels p
select i.details.owner from Image i where i.id = :id
select i.details.group from Image i
select distinct i.details.owner from Image i
select i.details.permissions from Image i
select i.details.owner.id, i.details.group.id from Image i
select i.details.creationEvent from Image i
select w.plate from Well w
select ws.well.plate.name, ws.image.name from WellSample ws
select ws.well.plate.id, count(ws.id) from WellSample ws group by ws.well.plate.id
select min(i.id), max(i.id), count(distinct i.details.owner.id) from Image i
select i.name || ' - ' || i.id from Image i
select concat(i.name, ' ', i.description) from Image i
select i.id from Image i where i.name like '%\_%'
select i.id from Image i where i.name like '%50\%%' 
select i.id from Image i where i.name like '%50!%%' escape '!'
select upper(i.name), lower(i.name), length(i.name), trim(i.name) from Image i
select substring(i.name, 1, 3) from Image i
select substring(i.name, 2) from Image i
select locate('e', i.name) from Image i
select coalesce(i.description, i.name) from Image i
select coalesce(i.description, '') from Image i
select nullif(i.name, 'orphan') from Image i
select abs(-p.sizeX) from Pixels p
select mod(p.sizeX, 10) from Pixels p
select sqrt(p.sizeX) from Pixels p
select year(i.acquisitionDate), month(i.acquisitionDate), day(i.acquisitionDate) from Image i
select hour(e.time), minute(e.time), second(e.time) from Event e
select cast(i.id as string) from Image i
select cast(p.sizeX as double) from Pixels p
select cast(p.sizeX as int) from Pixels p
select str(i.id) from Image i
select extract(year from e.time) from Event e
select case when i.archived = true then 'yes' else 'no' end from Image i
select case i.id when 1 then 'one' when 2 then 'two' end from Image i
select case when p.sizeX > 100 then p.sizeX else 0 end from Pixels p
select count(*) from Image
select count(i) from Image i where i.fileset is null
select count(i.fileset) from Image i
select count(distinct i.fileset) from Image i
select i.fileset from Image i
select i.id from Image i where i.fileset is not null and i.fileset.templatePrefix like '%01%'
select i.id from Image i where i.pixels is empty
select i.id from Image i where i.pixels is not empty
select i.id from Image i where size(i.pixels) > 0
select i.id from Image i where size(i.annotationLinks) >= 1
select d.id, size(d.imageLinks) from Dataset d
select d.id, (select count(l) from DatasetImageLink l where l.parent = d) from Dataset d
select d.id from Dataset d order by size(d.imageLinks) desc, d.id
select d.id from Dataset d where d.imageLinks.size > 1
select d from Dataset d where exists (from DatasetImageLink l where l.parent = d)
select d from Dataset d where exists elements(d.imageLinks)
select i from Image i where i = :id
select i from Image i where i.id = any (select l.child.id from DatasetImageLink l)
select i from Image i where i.id = some (select l.child.id from DatasetImageLink l)
select i from Image i where i.id > all (select l.child.id from DatasetImageLink l)
select i from Image i where not (i.id = 1 or i.id = 2)
select i from Image i where i.id not in (1, 2, 3)
select i from Image i where i.id between 2 and 4
select i from Image i where i.id not between 2 and 4
select i from Image i where i.name = null
select i from Image i where i.description <> null
select i from Image i where i.name in ('orphan', 'no pixels')
from Image
from Image i, Dataset d where i.id = d.id
from Image i join i.pixels p
from Image i left join fetch i.pixels
from Image i join fetch i.pixels p join fetch p.channels c
from Image as i inner join fetch i.pixels as p left outer join fetch p.channels as c left outer join fetch c.logicalChannel as lc where i.id in (:ids)
select distinct i from Image i left outer join fetch i.annotationLinks al left outer join fetch al.child
select r from Roi r left outer join fetch r.shapes s where r.image.id = :id
select r from Roi r join fetch r.shapes s where s.theZ = 0 order by r.id
select s from Shape s where s.roi.id = :id order by s.id
select s.textValue from Shape s
select s from Rectangle s
select s.x, s.y from Rectangle s
select s.x from Shape s
select s from Shape s where s.class = Rectangle
select s.id from Shape s where s.class in (Rectangle, Ellipse)
select s.class from Shape s order by s.id
select count(s) from Shape s join s.roi r join r.image i where i.id = :id
select pi.deltaT, pi.exposureTime from PlaneInfo pi order by pi.id
select pi.deltaT.value from PlaneInfo pi
select pi.deltaT.unit from PlaneInfo pi
select p.physicalSizeX, p.physicalSizeY.value from Pixels p
select max(pi.deltaT.value) from PlaneInfo pi
select p.id from Pixels p where p.physicalSizeX.value > 0.1
select p.id from Pixels p where p.physicalSizeX is null
select ws.posX from WellSample ws
select l from Laser l join fetch l.type
select l from LightSource l left outer join fetch l.pump
select ls from LightSettings ls
select o from OriginalFile o where o.hasher.value = 'SHA1-160'
select o.path || o.name from OriginalFile o
select o.mimetype, count(o) from OriginalFile o group by o.mimetype having count(o) > 1
select o.mimetype, count(o) from OriginalFile o group by o.mimetype order by count(o) desc, o.mimetype
select count(o), sum(o.size), min(o.size), max(o.size) from OriginalFile o
select new map(count(i) as n, i.details.owner.id as owner) from Image i group by i.details.owner.id
select new map(i as image, i.id as id) from Image i
select new map(i.id, i.name) from Image i
select e.omeName, e.firstName || ' ' || e.lastName from Experimenter e order by e.omeName
select e from Experimenter e left outer join fetch e.groupExperimenterMap m left outer join fetch m.parent g
select g from ExperimenterGroup g join fetch g.groupExperimenterMap m join fetch m.child
select g.details.permissions from ExperimenterGroup g
select m.parent.name, m.child.omeName from GroupExperimenterMap m where m.owner = true
select m from GroupExperimenterMap m where m.owner is true
select index(m) from ExperimenterGroup g join g.groupExperimenterMap m
select index(ws), ws.id from Well w join w.wellSamples ws order by ws.id
select maxindex(w.wellSamples) from Well w
select w.id, minindex(w.wellSamples) from Well w
select w from Well w where maxindex(w.wellSamples) > 0
select w.wellSamples[0].id from Well w
select w from Well w where w.wellSamples[0].image.id = :id
select p from Pixels p where p.channels[0].logicalChannel.name = 'DAPI'
select size(d.imageLinks) from Dataset d where d.id = :id
select size(d.imageLinks) from Dataset d
select d.id, size(d.imageLinks) from Dataset d group by d.id
select d.name, count(l) from Dataset d left join d.imageLinks l group by d.id
select d.name, count(l) from Dataset d left join d.imageLinks l group by d.name order by d.name
select d.id, d.name, count(l.id) from Dataset d left outer join d.imageLinks l group by d.id, d.name having count(l.id) > 1 order by count(l.id) desc, d.id
select d.id, count(l.id) from Dataset d left outer join d.imageLinks l group by d
select d, count(l.id) from Dataset d left outer join d.imageLinks l group by d
select d.id, count(*) from Dataset d
select distinct d.id, lower(d.name) from Dataset d order by lower(d.name)
select distinct i from Image i join i.datasetLinks l order by i.name
select distinct i.id, i.name from Image i join i.datasetLinks l order by i.name, i.id
select count(distinct l.child.id) from DatasetImageLink l where l.parent.id in (:ids)
select l.parent.id, count(l.child.id) from DatasetImageLink l where l.parent.id in (:ids) group by l.parent.id
select pdl.parent.id, count(distinct dil.child.id) from ProjectDatasetLink pdl, DatasetImageLink dil where pdl.child.id = dil.parent.id group by pdl.parent.id order by pdl.parent.id
select ann.id, ann.textValue from Annotation ann where ann.class = 'ome.model.annotations.TagAnnotation'
select ann.id from Annotation ann where ann.class = 'TagAnnotation'
select ann.id from Annotation ann where ann.class = '/basic/text/tag/'
select ann.id from Annotation ann where ann.class = ome.model.annotations.TagAnnotation
select ann.id from Annotation ann where ann.class <> TagAnnotation
select ann.id from Annotation ann where type(ann) = TagAnnotation
select ann.id from Annotation ann where type(ann) in (TagAnnotation, CommentAnnotation)
select ann.id, ann.textValue from TextAnnotation ann
select ann.longValue, ann.doubleValue, ann.boolValue, ann.timeValue, ann.termValue from Annotation ann order by ann.id
select ann.id from BasicAnnotation ann
select ann.id from NumericAnnotation ann
select a.id, a.file.id, a.file.name from FileAnnotation a
select a.id from Annotation a where a.file.name like '%.csv'
select a from Annotation a left outer join fetch a.file f left outer join fetch f.details.owner
select ial.child.id, ial.child.textValue, ial.parent.id from ImageAnnotationLink ial where ial.child.class = TagAnnotation order by ial.child.textValue, ial.id
select ial.parent.id from ImageAnnotationLink ial join ial.child a join a.mapValue mv where mv.name = :name and mv.value = :value
select distinct mv.name from MapAnnotation a join a.mapValue mv order by mv.name
select mv.value, count(mv.value) from MapAnnotation a join a.mapValue mv where mv.name = 'Gene' group by mv.value order by count(mv.value) desc, mv.value
select mv.name as name, count(distinct a.id) as n from ImageAnnotationLink ial join ial.child a join a.mapValue mv group by mv.name order by mv.name
select new map(mv.value as value, count(distinct i.id) as childCount, max(a.id) as id) from ImageAnnotationLink ial join ial.child a join a.mapValue mv join ial.parent i where lower(mv.name) in (:names) group by mv.value order by mv.value
select i.id from Image i where exists (select ial from ImageAnnotationLink ial where ial.parent = i and ial.child.ns = :ns)
select i.id from Image i left outer join i.annotationLinks l left outer join l.child a where a.ns = :ns or a is null
select i.id, a.id from Image i left join i.annotationLinks l left join l.child a with a.ns = 'my.ns' order by i.id, a.id
select i.id, p.id from Image i left join i.pixels p with p.sizeX > 100 order by i.id
select i.id from Image i join i.annotationLinks l join l.child as ta where ta.textValue = :tag
select i.id from Image i where i.id in (select l.parent.id from ImageAnnotationLink l where l.child.id = :id)
select i.id from Image as i where i.details.owner.omeName = :name
select i.details.owner.omeName, i.details.group.name from Image i order by i.id
select i from Image i join fetch i.details.owner join fetch i.details.group
select i from Image i join fetch i.details.owner o join fetch i.details.creationEvent c join fetch c.session
select i from Image i left outer join fetch i.details.externalInfo
select i.details.externalInfo from Image i
select i.details.externalInfo.lsid from Image i
select info.lsid from Image i join i.details.externalInfo info where info.entityType = 'com.glencoesoftware.ngff:multiscales'
select o from Image i join i.details.owner o
select s.roi.image.id, s.theZ, s.theT from Shape s
select s.id, s.roi.id, s.textValue, s.fillColor, s.strokeColor, s.strokeWidth from Shape s order by s.id
select count(r.id) from Roi r where r.image.id = :id
select r.id, (select count(s.id) from Shape s where s.roi = r) from Roi r order by r.id
select distinct r from Roi r join fetch r.shapes s left join fetch s.annotationLinks al left join fetch al.child
select r from Roi r left outer join fetch r.shapes sh left outer join fetch sh.transform where r.image.id = :iid
select r from Roi r join r.folderLinks fl where fl.parent.id = :id
select f from Folder f left outer join fetch f.childFolders
select f from Folder f left outer join fetch f.parentFolder
select t from Thumbnail t join t.pixels p where p.image.id in (:ids)
select t.pixels.image.id, t.version, t.sizeX from Thumbnail t
select rd from RenderingDef rd join fetch rd.waveRendering cb join fetch cb.family where rd.pixels.id = :id
select rdef from RenderingDef rdef left outer join fetch rdef.quantization left outer join fetch rdef.model left outer join fetch rdef.waveRendering as cb left outer join fetch cb.family left outer join fetch cb.spatialDomainEnhancement where rdef.id = :id
select rdef from RenderingDef rdef left outer join fetch rdef.details.owner left outer join fetch rdef.pixels p left outer join fetch p.image i where i.id in (:ids)
select cb.active, cb.red, cb.green, cb.blue, cb.alpha, cb.lookupTable from ChannelBinding cb order by cb.id
select c from Channel c join fetch c.logicalChannel lc left outer join fetch lc.photometricInterpretation left outer join fetch c.statsInfo where c.pixels.image.id = :id
select lc.name, lc.emissionWave, lc.excitationWave.value from LogicalChannel lc
select index(c), c.id, c.logicalChannel.name from Pixels p join p.channels c order by p.id, index(c)
select c.pixels.image.id, c.logicalChannel.name from Channel c order by c.id
select w.id, w.row, w.column, ws.image.id from Well w left outer join w.wellSamples ws order by w.row, w.column, index(ws)
select w from Well w left outer join fetch w.wellSamples ws left outer join fetch ws.image where w.plate.id = :id
select w from Well w join fetch w.wellSamples ws join fetch ws.image i left outer join fetch ws.plateAcquisition pa where index(ws) = 0
select pl from Plate pl left outer join fetch pl.plateAcquisitions left outer join fetch pl.wells w left outer join fetch w.wellSamples
select max(index(ws)) from Well w join w.wellSamples ws where w.plate.id = :id
select min(w.row), max(w.row), min(w.column), max(w.column) from Well w where w.plate.id = :id
select pl.id, count(w) from Plate pl left join pl.wells w group by pl.id order by pl.id
select spl.parent.name, spl.child.name from ScreenPlateLink spl order by spl.id
select fs from Fileset fs join fetch fs.usedFiles uf join fetch uf.originalFile where fs.id = :id
select fs from Fileset fs left outer join fetch fs.images left outer join fetch fs.usedFiles
select distinct fs from Fileset fs join fs.images i where i.id in (:ids)
select fs.id, count(i) from Fileset fs left join fs.images i group by fs.id
select fe.clientPath, fe.originalFile.path, fe.originalFile.name from FilesetEntry fe order by fe.fileset.id, index(fe)
select jl.child from FilesetJobLink jl
select jl from FilesetJobLink jl join fetch jl.child
select j.status.value, j.username, j.submitted from Job j order by j.id
select j from ScriptJob j left outer join fetch j.originalFileLinks l left outer join fetch l.child
select e.id, e.omeName, e.email, e.config from Experimenter e
select e from Experimenter e where e.email is not null
select e from Experimenter e join e.config c where c.name = 'AdminPrivilege:Sudo'
select e from Experimenter as e join fetch e.groupExperimenterMap as map join fetch map.parent g where e.id = :id
select g from ExperimenterGroup g left outer join fetch g.groupExperimenterMap m left outer join fetch m.child where g.id not in (0, 1, 2) order by g.name
select ev.time, ev.type.value, ev.experimenter.omeName from Event ev order by ev.id
select el.entityType, el.entityId, el.action, el.event.time from EventLog el order by el.id
select el.entityId from EventLog el where el.action = 'INSERT' and el.entityType = 'ome.model.core.Image'
select l.details.owner.id, count(l) from ImageAnnotationLink l group by l.details.owner.id
select i from Image i left outer join fetch i.annotationLinksCountPerOwner left outer join fetch i.datasetLinksCountPerOwner
select d from Dataset d left outer join fetch d.imageLinksCountPerOwner
select obj from Image obj join fetch obj.details.owner as owner join fetch obj.details.creationEvent left outer join obj.datasetLinks dlink left outer join obj.wellSamples wsample where obj.id in (:ids) order by lower(obj.name), obj.id
select obj from Dataset obj join fetch obj.details.owner as owner left outer join fetch obj.projectLinks pl left outer join fetch pl.parent order by obj.id
select obj from Annotation obj join fetch obj.details.owner as owner join fetch obj.details.creationEvent where obj.ns in (:ns) and obj.class = MapAnnotation order by obj.id
select ns.name, ns.displayName, ns.keywords from Namespace ns
select n from Namespace n where n.name = :ns
select xi from ExternalInfo xi where xi.entityId = :id
select i.series, i.archived, i.partial, i.format from Image i
select i from Image i join fetch i.format
select i.instrument, i.imagingEnvironment, i.stageLabel, i.objectiveSettings from Image i
select i from Image i left outer join fetch i.instrument ins left outer join fetch ins.objective left outer join fetch ins.detector left outer join fetch ins.lightSource where i.id = :id
select i from Image i left outer join fetch i.stageLabel left outer join fetch i.imagingEnvironment left outer join fetch i.objectiveSettings os left outer join fetch os.objective o left outer join fetch o.immersion
select ie.temperature, ie.map from ImagingEnvironment ie
select ie from ImagingEnvironment ie join ie.map m where m.name = 'co2'
select p.id, p.image.name, p.pixelsType.value, p.dimensionOrder.value, p.sha1 from Pixels p order by p.id
select p from Pixels p left outer join fetch p.relatedTo where p.relatedTo is not null
select p.relatedTo.id from Pixels p
select p.methodology, p.waveStart, p.waveIncrement from Pixels p
select p.id from Pixels p where p.sizeX * p.sizeY > 5000
select p.id from Pixels p where p.pixelsType.value in ('uint8', 'uint16')
select p.sizeX + p.sizeY * 2 - 1 from Pixels p
select (p.sizeX + p.sizeY) * 2 from Pixels p
select p.sizeX % 7 from Pixels p
select -p.sizeX from Pixels p
select p.sizeX * 2L from Pixels p
select i.id as id, i.name as name from Image i order by name
select i.id as x from Image i order by x desc
select i.name, count(p) as n from Image i left join i.pixels p group by i.name order by n desc, i.name
SELECT i.id FROM Image AS i WHERE i.id IN (:ids) ORDER BY i.id DESC
select i from ome.model.core.Image i where i.id = :id
select i from Image i where i.acquisitionDate > '2020-01-01'
select i from Image i where i.acquisitionDate is null or i.acquisitionDate > :date
select i from Image i where i.details.creationEvent.time >= :time order by i.details.creationEvent.time desc, i.id
select count(i) from Image i where i.details.creationEvent.time between :start and :end
select i.id from Image i where current_timestamp > i.details.creationEvent.time
select i.id from Image i where i.details.updateEvent.id = i.details.creationEvent.id
select i.version, i.id from Image i
select link from DatasetImageLink link join fetch link.parent join fetch link.child where link.parent.id = :did and link.child.id in (:iids)
select link.id, link.version from DatasetImageLink link
select link from IObject link
from IAnnotationLink l
select i.name from Image as i where i.id = '1'
select i.id from Image i where i.id = 1.0
select i.id from Image i where i.archived = 'true'
select i.id from Image i where i.archived = true
select i.id from Image i where i.archived is null
select i.id from Image i where not i.archived = true
select j.id from Job j where j.class = ScriptJob
select j.class, count(j) from Job j group by j.class
select j.class as c from Job j order by c
select l.id from LightSource l where l.class in (Laser, Arc)
select l.id from LightSource l where l.class = 3
select s.id from Share s
select c.class, c.id from CodomainMapContext c
select min(a.class) from Annotation a
select a.class || '' from Annotation a
select la.class from Laser la
select sh.class from Share sh
select t.class from TagAnnotation t
select ia.child.class from ImageAnnotationLink ia order by ia.id
select i.details.owner.class from Image i
select case when a.class = TagAnnotation then 1 else 0 end from Annotation a order by a.id
select p.id from Pixels p where p.sizeX * :d > 100
select p.id from Pixels p where :n + p.sizeX > 100
select p.sizeX + :n from Pixels p
select p.sizeX - :n, p.sizeX / :m from Pixels p
select o.size * :n from OriginalFile o
select p.physicalSizeX.value * :n from Pixels p
select i.id from Image i where i.name like :a || '%'
select i.id from Image i where lower(i.name) = lower(:name)
select i.id from Image i where concat('', i.id) = :x
select count(*) from Image i, Dataset d
select count(i.id), d.id from Image i, Dataset d where i.id > d.id group by d.id order by 2
select i.id from Image i order by 1
select i.id from Image i join i.pixels as p where p.sizeX = (select max(q.sizeX) from Pixels q)
select i.name from Image i where i.id = (select max(x.id) from Image x where x.details.owner = i.details.owner)
select i.id from Image i where (select count(*) from Pixels p where p.image = i) = 1
select i.id from Image i where (select count(*) from i.pixels) = 1
select i.id, (select count(*) from i.annotationLinks) from Image i
select i.id from Image i where exists (from i.pixels p where p.sizeX > 10)
select i.id from Image i where exists (select 1 from Pixels p where p.image = i)
select i.id from Image i where i.id in (select 1 from Dataset d)
select i.id from Image i where i in (select l.child from DatasetImageLink l)
select i.id from Image i where i.fileset in (select f from Fileset f)
select l.id from DatasetImageLink l where l.parent = :d and l.child = :i
select i from Image i where i.details.owner = :o
select i from Image i where i.details.group.id = :g
select i.id from Image i where i in (:images)
select i.id from Image i where i.id in :ids
select i.id from Image i where i.name in (:name)
select i.id from Image i where i.id = (:id)
select i.id from Image i where i.id in (1, :id)
select i.id from Image i where i.id <> :id and i.id != :id
select i.id from Image i where i.id ^= 1
select all i.id from Image i
select i.id from Image i where 1 = 1
select i.id from Image i where true = true
select i.id from Image i where i.name is not null and (i.description is null or i.description like '%a%') and not (i.id in (1,2) and i.archived = false)
select i.id from Image i where i.id in (1,2) or i.id > 3 and i.id < 5
select i.id from Image i where lower(i.name) like '%tif%' or lower(i.description) like '%a%'
select i.id as id from Image i where id = 1
select id from Image
select name from Dataset order by name
select details.owner.id from Dataset
from Dataset where details.owner.id = :id order by lower(name)
from Dataset d where d.projectLinks is empty
from Image where fileset is null
select new map(id as id, name as name) from Image
select i.id, i.name as name from Image i order by lower(name)
select p.id as pid, count(d.id) as cnt from Project p left outer join p.datasetLinks as l left outer join l.child as d group by p.id order by count(d.id) desc, p.id asc
select p from Project p left outer join fetch p.datasetLinks pdl left outer join fetch pdl.child ds left outer join fetch ds.imageLinks dil left outer join fetch dil.child
select distinct p from Project as p left outer join fetch p.datasetLinks as links left outer join fetch links.child as d left outer join fetch d.details.owner
select i from Image i right outer join i.pixels p
select i.id, p.id from Image i right outer join i.pixels p
select i.id, d.id from Image i full join i.datasetLinks d
select i.id from Image i cross join Dataset d
select i from Image i join fetch i.pixels as pix join fetch pix.pixelsType join fetch pix.channels c join fetch c.logicalChannel where i.id in (:ids) order by i.id
select i from Image i join fetch i.pixels p where p.sizeX > 64
select i from Image i left outer join fetch i.datasetLinks l left outer join fetch l.parent d where d.id = :id
select d from Dataset d left outer join fetch d.imageLinks dil left outer join fetch dil.child i left outer join fetch i.pixels p left outer join fetch p.pixelsType where d.id = :id
select ann from ImageAnnotationLink ial join ial.child ann where ial.parent.id = :id
select ann from ImageAnnotationLink as ial join ial.child as ann join fetch ann.file where ial.parent.id = :id
select a from Annotation a where a.id in (select child.id from ImageAnnotationLink)
select a from TagAnnotation a left outer join fetch a.annotationLinks l left outer join fetch l.child where a.ns = :ns
select a.parent, a.child from AnnotationAnnotationLink a
select l.parent.textValue, l.child.textValue from AnnotationAnnotationLink l where l.parent.ns = 'openmicroscopy.org/omero/insight/tagset'
select tag.id, (select count(*) from ImageAnnotationLink l where l.child.id = tag.id) from TagAnnotation tag order by tag.id
select sum(case when i.archived = true then 1 else 0 end) from Image i
select avg(p.physicalSizeX.value) from Pixels p
select max(p.physicalSizeX) from Pixels p
select count(p.physicalSizeX) from Pixels p
select distinct p.physicalSizeX.unit from Pixels p
select p.physicalSizeX.value * 2 from Pixels p
select p.id from Pixels p order by p.physicalSizeX
select p.id from Pixels p where p.physicalSizeX = p.physicalSizeY
select i.description from Image i where i.description = ''
select ma.mapValue from MapAnnotation ma
select mv from MapAnnotation ma join ma.mapValue mv
select size(ma.mapValue) from MapAnnotation ma where ma.id = 11
select ma.id from MapAnnotation ma where size(ma.mapValue) > 1
select ma.id from MapAnnotation ma where ma.mapValue is empty
select ma.id from MapAnnotation ma where exists (select 1 from MapAnnotation m2 join m2.mapValue mv where m2 = ma and mv.name = 'Gene')
select index(mv), mv.name from MapAnnotation ma join ma.mapValue mv where ma.id = 11
select ma.id, ma.mapValue[0].name from MapAnnotation ma
select ma.id from MapAnnotation ma where ma.mapValue[0].name = 'Gene'
select x from Foo x
select i.foo from Image i
select j.name from Image i
select i from Image i where
select from Image i
select i Image i
select i from Image i where i.name = 'abc
select i from Image i where i.id = ?
select i from Image i where i.id = 1 order
select i from Image i join Dataset d
select i from Image i join i.name n
select i.name.foo from Image i
select i.pixels.sizeX from Image i
select i from Image i where i.pixels.id = 1
select foo(i.name) from Image i
select i from Image i where lower() = 'a'
select count(i from Image i
delete from Image i
update Image set name = 'x'
insert into Image (id) select 1 from Image
select p from Pixels p join fetch p.image.details.owner
select p.image from Pixels p join fetch p.image
select p.id from Pixels p join fetch p.image
select i from Image i join fetch i.pixels p with p.sizeX > 3
select i, i from Image i
select i.details.updateEvent from ImageAnnotationLink i
select e.details.owner from Experimenter e
select ev.details.owner from Event ev
select el.version from EventLog el
select distinct(i.id) from Image i
select distinct i.name, i.id from Image i order by i.id
select count(distinct i.name, i.id) from Image i
select cast(i.name as integer) from Image i where i.id < 0
select i.id from Image i where i.id in ()
select i.id from Image i where i.name like 'a%' and i.name not like '%b'
select i.id from Image i group by i.id having count(*) > 0
select i.details.owner.id from Image i group by i.details.owner.id having count(i.id) > 2 and max(i.id) > 3
select distinct(i.id) from Image i join i.datasetLinks dl where dl.parent.id in (:ids)
select image.id, image.name, image.details.owner.id, image.fileset.id, image.details.group.id from Image image where image.id in (:ids)
select p.image.id, p.id, p.sizeX, p.sizeY, p.sizeZ, p.sizeC, p.sizeT, p.pixelsType.value, p.physicalSizeX.value, p.physicalSizeX.unit from Pixels p where p.image.id in (:ids)
select new map(ws.image.id as id, ws.image.name as name, ws.posX.value as x, ws.posX.unit as u, w.row as row, w.column as column) from Well w join w.wellSamples ws where w.plate.id = :pid and index(ws) = :idx order by w.row, w.column
select new map(pa.id as id, pa.name as name, min(index(ws)) as lo, max(index(ws)) as hi) from PlateAcquisition pa join pa.wellSample ws group by pa.id, pa.name
select pa.id, count(ws.id) from PlateAcquisition pa join pa.wellSample ws group by pa.id
select minIndex(ws) from Well w join w.wellSamples ws where w.plate.id = :id
select maxIndex(ws) from Well w join w.wellSamples ws where ws.plateAcquisition.id = :id
select w.id, w.row, w.column, index(ws), ws.image.id from WellSample ws join ws.well w where w.plate.id = :plate_id
select ws from WellSample ws join fetch ws.image img join fetch img.pixels where ws.well.plate.id = :id order by ws.id
select ws.id from WellSample as ws where ws.well.plate.id = :id and ws.plateAcquisition is null
select distinct ws.plateAcquisition.id from WellSample ws
select img from Image as img left outer join fetch img.wellSamples as ws left outer join fetch ws.well w left outer join fetch w.plate where img.id in (:ids)
select well from Well as well left outer join fetch well.plate as pt left outer join fetch well.wellSamples as ws left outer join fetch ws.image as img where pt.id = :oid
select count(distinct dil.child.id) from DatasetImageLink dil where dil.parent.id in (select pdl.child.id from ProjectDatasetLink pdl where pdl.parent.id = :id)
select i.id from Image i where i.id not in (select dil.child.id from DatasetImageLink dil) and i.details.owner.id = :id order by i.id
select d.id from Dataset d where not exists (select pdl from ProjectDatasetLink pdl where pdl.child = d) order by lower(d.name)
select d.id from Dataset d where (select count(pdl) from ProjectDatasetLink pdl where pdl.child.id = d.id) > 1
select new map(d.id as id, d.name as name, (select count(*) from DatasetImageLink l where l.parent.id = d.id) as n, (select count(*) from ProjectDatasetLink p where p.child.id = d.id) as m) from Dataset d
select r.image.id, count(r) from Roi r where r.image.id in (:ids) group by r.image.id
select s.roi.id, min(s.theZ), max(s.theT) from Shape s group by s.roi.id order by s.roi.id
select distinct s.theZ from Shape s where s.roi.image.id = :id and s.theZ is not null order by s.theZ
select distinct r.id from Roi r join r.shapes s where r.image.id = :iid and (s.theZ = :z or s.theZ is null) and (s.theT = :t or s.theT is null) order by r.id
select roi from Roi roi left outer join fetch roi.shapes as s left outer join fetch s.annotationLinks where roi.image.id = :id and s.class = Mask
select s from Shape s join fetch s.roi r join fetch r.image where s.textValue = :t
select s.class, count(*) from Shape s group by s.class order by s.class
select p.points from Polygon p
select s from Polygon s where s.points like '%,%'
select l.x1, l.x2, l.markerStart from Line l
select l from Label l where l.textValue is not null
select e.x, e.radiusX from Ellipse e
select s.id, s.transform.a00 from Shape s
select t from AffineTransform t
select ch.id, ch.logicalChannel.id, ch.logicalChannel.name, ch.red, ch.green, ch.blue, ch.alpha, ch.lookupTable, ch.statsInfo.globalMin from Channel ch where ch.pixels.id = :pid order by ch.id
select ch from Channel ch left outer join fetch ch.statsInfo join fetch ch.logicalChannel lc left outer join fetch lc.mode left outer join fetch lc.lightSourceSettings ls left outer join fetch ls.lightSource left outer join fetch lc.detectorSettings ds left outer join fetch ds.detector left outer join fetch lc.filterSet left outer join fetch lc.lightPath where ch.id in (:ids)
select lc from LogicalChannel lc left outer join fetch lc.lightPath lp left outer join fetch lp.excitationFilterLink efl left outer join fetch efl.child left outer join fetch lp.emissionFilterLink mfl left outer join fetch mfl.child left outer join fetch lp.dichroic
select inst from Instrument inst left outer join fetch inst.microscope m left outer join fetch m.type left outer join fetch inst.filter f left outer join fetch f.transmittanceRange left outer join fetch inst.dichroic left outer join fetch inst.filterSet
select os.id, os.objective.nominalMagnification, os.objective.lensNA, os.medium.value from ObjectiveSettings os
select o.nominalMagnification, o.calibratedMagnification, o.workingDistance, o.immersion.value, o.correction.value from Objective o
select d.type.value, d.gain, d.voltage from Detector d
select l.wavelength, l.power, l.type.value from Laser l
select ls.power from LightSource ls
select fs.id, sum(uf.originalFile.size), count(uf) from Fileset fs join fs.usedFiles uf group by fs.id
select sum(f.size) from Fileset fs join fs.usedFiles uf join uf.originalFile f where fs.id in (select i.fileset.id from Image i where i.id in (:ids))
select count(distinct uf.originalFile.id), sum(uf.originalFile.size) from FilesetEntry uf where uf.fileset.id = :id
select o from OriginalFile o left outer join fetch o.hasher where o.mimetype = 'text/x-python' and o.name like '%.py' order by o.path, o.name
select o.id, o.path || '' || o.name as full, o.size, o.hash from OriginalFile o where lower(o.name) like lower(:n) order by o.id
select o from OriginalFile o where exists (select fa from FileAnnotation fa where fa.file.id = o.id)
select o.id from OriginalFile o where o.path like :path and o.repo = :repo
select pofm.child.id, pofm.parent.name from PixelsOriginalFileMap pofm
select f from OriginalFile f join f.pixelsFileMaps m join m.child p where p.image.id = :id
select fa.file.id, fa.ns, fa.details.owner.omeName from FileAnnotation fa where fa.ns = :ns order by fa.id
select fa from DatasetAnnotationLink l join l.child fa where l.parent.id = :id and fa.class = FileAnnotation
select l.child.file.name from ImageAnnotationLink l where l.parent.id in (:ids)
select l from PlateAnnotationLink l join fetch l.child c left outer join fetch c.file where l.parent.id = :id and c.ns = 'openmicroscopy.org/omero/bulk_annotations'
select a from MapAnnotation a where a.ns = :ns and a.id in (select l.child.id from ImageAnnotationLink l where l.parent.id in (:ids))
select l.parent.id, a.id, mv.name, mv.value from ImageAnnotationLink l join l.child a join a.mapValue mv where l.parent.id in (:ids) and a.ns = :ns order by l.parent.id, a.id, mv.name
select distinct lower(mv.value) from MapAnnotation a join a.mapValue mv where mv.name in (:keys) and lower(mv.value) like lower(:v) order by lower(mv.value)
select mv.value as value, count(distinct s.id) as screens, count(distinct pr.id) as projects from ImageAnnotationLink ial join ial.child a join a.mapValue mv join ial.parent i left outer join i.wellSamples ws left outer join ws.well w left outer join w.plate pl left outer join pl.screenLinks sl left outer join sl.parent s left outer join i.datasetLinks dl left outer join dl.parent ds left outer join ds.projectLinks pdl left outer join pdl.parent pr where mv.name = :name group by mv.value order by mv.value
select new map(mv.value as value, a.ns as ns, count(distinct i.id) as imgs, count(distinct pl.id) as plates) from ImageAnnotationLink ial join ial.child a join a.mapValue mv join ial.parent i left outer join i.wellSamples ws left outer join ws.well w left outer join w.plate pl group by mv.value, a.ns order by count(distinct i.id) DESC, mv.value
select new map(i.id as id, i.name as name, i.details.owner.id as ownerId, i as image_details_permissions, i.fileset.id as filesetId, (select count(l2) from ImageAnnotationLink l2 where l2.parent = i) as n) from ImageAnnotationLink ial join ial.parent i join ial.child a join a.mapValue mv where mv.value = :value group by i.id, i.name, i.details.owner.id, i.fileset.id, i order by lower(i.name), i.id
select tag.textValue, count(l) from ImageAnnotationLink l join l.child tag where tag.class = TagAnnotation group by tag.textValue order by tag.textValue
select tag.id, tag.textValue, tag.description, tag.details.owner.id, tag.ns from TagAnnotation tag where tag.ns is null or tag.ns != 'openmicroscopy.org/omero/insight/tagset' order by lower(tag.textValue)
select distinct tag from TagAnnotation tag join fetch tag.details.owner left outer join tag.annotationLinks al where al is null
select link from ImageAnnotationLink link join fetch link.child child join fetch link.details.owner where link.parent.id = :id and child.class in (LongAnnotation) and child.ns = 'openmicroscopy.org/omero/insight/rating'
select avg(l.child.longValue) from ImageAnnotationLink l where l.parent.id in (:ids)
select ann.longValue, count(ann.id) from LongAnnotation ann group by ann.longValue
select ann from Annotation ann join fetch ann.details.owner left outer join fetch ann.file where ann.id in (:ids) order by ann.id
select ann.ns, count(ann) from Annotation ann where ann.ns is not null group by ann.ns order by ann.ns
select distinct ann.ns from Annotation ann order by ann.ns
select ann.id, ann.class, ann.ns from Annotation ann where ann.details.owner.id = :uid and ann.details.group.id = :gid
select count(a) from CommentAnnotation a join a.details.owner o where o.omeName = :name
select a.textValue from CommentAnnotation a order by a.details.creationEvent.time desc, a.id
select x from XmlAnnotation x where x.textValue like '%<%'
select t.timeValue from TimestampAnnotation t
select b from BooleanAnnotation b where b.boolValue = true
select dann.doubleValue from DoubleAnnotation dann where dann.doubleValue > 1.0
select e from Experimenter e left outer join fetch e.groupExperimenterMap m left outer join fetch m.parent where lower(e.omeName) like lower(:n) or lower(e.lastName) like lower(:n) order by e.omeName
select e.id, e.omeName, e.lastName, count(m) from Experimenter e left join e.groupExperimenterMap m group by e.id, e.omeName, e.lastName order by e.id
select e from Experimenter e where not exists (select m from GroupExperimenterMap m where m.child.id = e.id and m.parent.id = 1)
select g.id, g.name, count(m.child.id) from ExperimenterGroup g left join g.groupExperimenterMap m where m.owner = true group by g.id, g.name order by g.id
select g from ExperimenterGroup g join g.groupExperimenterMap m where m.child.id = :id and g.id != 1 order by g.name
select m.child.id from GroupExperimenterMap m where m.parent.name = :name and m.owner = false
select distinct m.parent from GroupExperimenterMap m where m.child.id in (:ids)
select g.name from ExperimenterGroup g join g.config c where c.name = 'omero.policy.binary_access'
select ev.id, ev.experimenter.omeName, ev.experimenterGroup.name, ev.type.value, ev.session.uuid from Event ev order by ev.id
select ev from Event ev left outer join fetch ev.containingEvent
select el from EventLog el join fetch el.event e join fetch e.experimenter where el.entityType like '%Image' order by e.time desc, el.id desc
select el.action, count(el) from EventLog el group by el.action
select max(e.time) from Event e
select e.time from Event e where e.time = (select max(x.time) from Event x)
select sess.owner.omeName, sess.started, sess.closed from Session sess where sess.id < 7 order by sess.id
select s.id, s.userAgent, s.node.uuid from Session s where s.id < 7 order by s.id
select sh.id, sh.message, sh.active, sh.itemCount from Share sh order by sh.id
select st.id from JobStatus st where st.value in ('Finished', 'Error')
select j.id, j.status.value from Job j left outer join j.originalFileLinks l where l is null order by j.id
select j from UploadJob j join fetch j.status
select j.versionInfo from UploadJob j
select th from Thumbnail th where th.pixels.id in (:ids) and th.details.owner.id = :id order by th.id
select rd.id, rd.pixels.image.id, rd.details.owner.id, rd.model.value, rd.defaultZ, rd.defaultT from RenderingDef rd order by rd.id
select rd from RenderingDef rd join fetch rd.quantization join fetch rd.model left outer join fetch rd.waveRendering wr left outer join fetch wr.family left outer join fetch wr.spatialDomainEnhancement where rd.pixels.id = :pid and rd.details.owner.id = :oid
select cb.inputStart, cb.inputEnd, cb.active, index(cb) from RenderingDef rd join rd.waveRendering cb where rd.id = :id order by index(cb)
select pi.theZ, pi.theC, pi.theT, pi.deltaT.value, pi.deltaT.unit, pi.exposureTime.value from PlaneInfo pi where pi.pixels.id = :pid order by pi.theC, pi.theT, pi.theZ
select pi from PlaneInfo as pi where pi.theZ = 0 and pi.theC = 0 and pi.pixels.id = :pid order by pi.theT
select max(pi.deltaT.value) - min(pi.deltaT.value) from PlaneInfo pi
select min(pi.deltaT.value), pi.theT from PlaneInfo pi group by pi.theT order by pi.theT
select info from PlaneInfo info join fetch info.deltaT as dt join fetch info.exposureTime as et where info.pixels.id = :pid and info.theZ = :z
select sl.name, sl.positionX.value, sl.positionX.unit from StageLabel sl
select sc.id, sc.name, count(spl.child.id) from Screen sc left outer join sc.plateLinks spl group by sc.id, sc.name order by lower(sc.name), sc.id
select pl from Plate pl left outer join fetch pl.screenLinks sl left outer join fetch sl.parent left outer join fetch pl.plateAcquisitions where pl.id in (:ids)
select pl.name, pl.rows, pl.columns, pl.rowNamingConvention, pl.columnNamingConvention, pl.wellOriginX from Plate pl order by pl.id
select w.plate.id, w.row, w.column, w.red, w.alpha from Well w order by w.plate.id, w.row, w.column
select w from Well w left outer join fetch w.reagentLinks rl left outer join fetch rl.child
select f.name, f.parentFolder.name from Folder f
select f from Folder f left outer join fetch f.imageLinks il left outer join fetch il.child
select i from Image i left outer join fetch i.folderLinks fl left outer join fetch fl.parent where i.id = :id
select i from Image i join i.folderLinks fl where fl.parent.name = :n
select i from Image i left outer join fetch i.rois r left outer join fetch r.shapes where i.id = :id
select i.id, count(r.id) from Image i left outer join i.rois r group by i.id having count(r.id) > 0 order by i.id
select i from Image i where size(i.rois) > 1
select i from Image i left outer join fetch i.details.externalInfo ei where ei.entityType = :t
select p from Pixels p join fetch p.details.owner join fetch p.details.creationEvent where p.id = :id
select i.id from Image i where i.details.creationEvent.session.owner.id = :id
select i.name from Image i where lower(i.name) between 'a' and 'p' order by lower(i.name)
select i.name from Image i order by i.name desc
select i.name from Image i order by lower(i.name) asc, i.id desc
select i.id, i.acquisitionDate from Image i order by i.acquisitionDate desc, i.id
select i.id, i.acquisitionDate from Image i order by i.acquisitionDate, i.id
select i.id from Image i order by i.fileset.id, i.id
select i.id, i.fileset.templatePrefix from Image i order by i.fileset.templatePrefix, i.id
select coalesce(i.acquisitionDate, i.details.creationEvent.time) from Image i order by i.id
select coalesce(i.fileset.id, -1) from Image i order by i.id
select i.id + 1, i.id * 2 - 1 from Image i order by i.id
select (i.id + 1) / 2 from Image i order by i.id
select cast(i.id as double) / 2 from Image i order by i.id
select -i.id from Image i order by i.id
select i.archived, count(*) from Image i group by i.archived order by i.archived
select length(i.name), i.name from Image i order by length(i.name), i.name
select i from Image i where length(i.name) > 8 and substring(i.name, 1, 1) = 'o'
select i from Image i where trim(i.name) <> ''
select i.name from Image i where i.name like 'plate field _'
select ns from Namespace ns where ns.multivalued = true or ns.display = false
select en.value from PixelsType en order by en.id
select f from Format f where f.value like '%Tiff%'
select t.value, t.bitSize from PixelsType t order by t.bitSize
from Format
from EventType as t order by t.id
select p from AdminPrivilege p
select e.omeName, c.name, c.value from Experimenter e join e.config c
select x.lsid, x.uuid, x.entityId from ExternalInfo x
select i.id, i.details.externalInfo.id from Image i order by i.id
select distinct i.details.group.id from Image i
select i.details.owner.id, i.details.group.id, count(i.id) from Image i group by i.details.owner.id, i.details.group.id order by 1, 2
select i.id from Image i, ImageAnnotationLink l where l.parent = i and l.child.id = :id
select i.id, d.name from Image i, Dataset d, DatasetImageLink l where l.parent = d and l.child = i order by i.id, d.id
select i.id, d.name from Image i, Dataset d left join d.imageLinks l where l.child = i order by i.id, d.id
select a.id, b.id from Annotation a, Annotation b where a.ns = b.ns and a.id < b.id order by a.id, b.id
select i from Image i where not (i.id = some (select l.child.id from DatasetImageLink l))
select i from Image i where not (i.id = all (select l.child.id from DatasetImageLink l))
select size(ma.mapValue) from MapAnnotation ma
select ma.id, size(ma.mapValue) from MapAnnotation ma group by ma.id
select new map(j1 as n0) from FilesetEntry a left outer join a.originalFile as j1 where j1.id = 1
select new map(j1 as n1, i as image, l as l) from Image i join i.details.owner j1 join i.datasetLinks l where i.id = 1
select new map(p as p, p.image as im) from Pixels p where p.id < 3
select new map(j1 as n1, i as image) from ImageAnnotationLink a join a.child as j1 join a.parent i where a.id < 3
select a from Plate a inner join fetch a.wells as j1 inner join fetch a.wells as j2 where j2.id in (1, 2)
select a from FileAnnotation a join fetch a.details.group as j1 join j1.config as j3
select a from FileAnnotation a join fetch a.details.group as j1 join a.details.owner o join o.config as j3
select i from Image i join fetch i.annotationLinks l join fetch l.child c join c.mapValue v where v.name = 'Gene'
select case when i.id > 1 then 1 else 2.5 end from Image i
select case when i.id > 1 then '1' else 2 end from Image i
