# A class and everything that extends it.
select a from TextAnnotation a order by a.id
-> ["TagAnnotation:1"]
-> ["TagAnnotation:2"]
-> ["TagAnnotation:3"]
-> ["CommentAnnotation:4"]

# Exactly one class.
select a.id from Annotation a where a.class = TagAnnotation and a.class != CommentAnnotation order by a.id
-> [1]
-> [2]
-> [3]

# An abstract class is no row's class.
select a.id from Annotation a where a.class = TextAnnotation
-> nothing

# One of several classes, one named in full.
select a.id from Annotation a where a.class in (LongAnnotation, ome.model.annotations.MapAnnotation) order by a.id
-> [5]
-> [6]
-> [7]

# A quoted word compares with what is stored.
select a.id from Annotation a where a.class = '/basic/text/tag/' or a.class = 'LongAnnotation' order by a.id
-> [1]
-> [2]
-> [3]

# type() in a condition and in the answer, where it is the Java name.
select a.id, type(a) from Annotation a where type(a) = LongAnnotation or TYPE(a) = FileAnnotation order by a.id
-> [5, "class ome.model.annotations.LongAnnotation"]
-> [8, "class ome.model.annotations.FileAnnotation"]
-> [9, "class ome.model.annotations.FileAnnotation"]

# What is stored, selected.
select distinct s.class from Shape s
-> ["mask"]
-> ["rect"]

# By class, through a link.
select type(an.class), count(an) from Annotation an group by an.class having count(an) > 2
-> ["class ome.model.annotations.TagAnnotation", 3]

# Properties of a class further down.
select a.textValue, a.longValue from Annotation a where a.textValue is not null or a.longValue > 0 order by a.id
-> ["red", null]
-> ["Blue", null]
-> ["colours", null]
-> ["nice", null]
-> [null, 5]

# … which an inner join through them leaves alone.
select a from Annotation a join a.file
-> ["FileAnnotation:8"]

# A class's own property is not its sister's.
select t from TagAnnotation t join t.file
-> error could not resolve property: file of: ome.model.annotations.TagAnnotation

# Polymorphic roots beside annotations.
select s from Shape s order by s.id
-> ["Mask:1"]
-> ["Rectangle:2"]

# … light sources.
select l from LightSource l order by l.id
-> ["Laser:1"]
-> ["Arc:2"]

# … jobs.
select l.parent, type(j) from JobOriginalFileLink l join l.parent j
-> ["ScriptJob:1", "class ome.model.jobs.ScriptJob"]

# Two classes, one table, two columns of one name.
select l.type.value, a.type.value from Laser l, Arc a
-> ["Excimer", "Xe"]

# A class as a test of membership.
select l.id from ImageAnnotationLink l where l.child member of ome.model.annotations.TagAnnotation order by l.id
-> [1]
-> [3]
-> [5]
