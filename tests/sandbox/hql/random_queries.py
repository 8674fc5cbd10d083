"""Random queries as clients could have written them: made from the model.

Each is a root or two, some joins along references and collections, conditions, and a
list of what is wanted: objects with what they fetch, values, maps, or figures of
groups.  Most are valid; some break a rule, which both sides must then refuse.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from napari_omero_io.sandbox.schema.model import (
    Field,
    Kind,
    Model,
    ModelClass,
    load_model,
)

#: Where random queries begin; those that clients ask for most often come up most.
ROOTS = (
    *("Image", "Dataset", "Project", "Plate", "Well", "WellSample", "Roi") * 3,
    *("Shape", "Annotation", "MapAnnotation", "ImageAnnotationLink", "Fileset") * 3,
    *("DatasetImageLink", "ProjectDatasetLink", "Screen", "Pixels", "Channel") * 2,
    *("Experimenter", "ExperimenterGroup", "GroupExperimenterMap", "Folder", "Mask"),
    *("TagAnnotation", "FileAnnotation", "OriginalFile", "Event", "EventLog", "Job"),
    *("RenderingDef", "ChannelBinding", "LogicalChannel", "PlaneInfo", "Thumbnail"),
    *("Instrument", "LightSource", "Laser", "LightSettings", "FilesetEntry", "Reagent"),
    *(
        "PlateAcquisition",
        "LongAnnotation",
        "AnnotationAnnotationLink",
        "FolderRoiLink",
    ),
    *(
        "Rectangle",
        "TextAnnotation",
        "FilesetJobLink",
        "JobOriginalFileLink",
    ),
    *("LightPath", "FilterSet", "Filter", "OTF", "Detector", "Objective", "Experiment"),
    *("MicrobeamManipulation", "WellReagentLink", "ScreenPlateLink", "Namespace"),
    *(
        "PlateAnnotationLink",
        "WellAnnotationLink",
        "ProjectionDef",
        "CodomainMapContext",
    ),
)
NUMBERS = {Kind.INT, Kind.LONG, Kind.DOUBLE}
VALUES = {*NUMBERS, Kind.STRING, Kind.BOOL, Kind.TIME}


@dataclass(frozen=True, slots=True)
class Source:
    """An alias of a query and the class of what it stands for; None is a map's pair."""

    alias: str
    model_class: ModelClass | None
    is_fetched: bool = False
    is_place: bool = False  #: reached through an ordered collection: it has an index


@dataclass
class Writer:
    """Writes one query with the choices of one source of chance."""

    chance: random.Random
    model: Model = field(default_factory=load_model)
    sources: list[Source] = field(default_factory=list)
    text: str = ""

    def write(self) -> str:
        """Return a query."""
        fetches = self.chance.random() < 0.35
        root = self.model[self.chance.choice(ROOTS)]
        self.sources = [Source("a", root)]
        self.text = f"from {root.name} {self.chance.choice(('', 'as '))}a"
        if not fetches and self.chance.random() < 0.08:
            other = self.model[self.chance.choice(ROOTS)]
            self.sources.append(Source("b", other))
            self.text += f", {other.name} b"
        for _ in range(self.chance.choice((0, 1, 1, 2, 2, 3, 4))):
            self.join(fetches)
        condition = self.condition() if self.chance.random() < 0.7 else ""
        where = f" where {condition}" if condition else ""
        if fetches:
            distinct = self.chance.choice(("", "", "distinct "))
            order = self.chance.choice(("", " order by a.id"))
            return f"select {distinct}a {self.text}{where}{order}"
        makers: tuple[Callable[[str], str], ...] = (
            self.want_values,
            self.want_values,
            self.want_map,
            self.want_groups,
            self.want_objects,
        )
        return self.chance.choice(makers)(where)

    # what is wanted

    def want_objects(self, where: str) -> str:
        one = self.chance.choice([s for s in self.sources if s.model_class])
        distinct = self.chance.choice(("", "distinct "))
        order = "" if distinct else self.order()
        return f"select {distinct}{one.alias} {self.text}{where}{order}"

    def want_values(self, where: str) -> str:
        items = [self.expression() for _ in range(self.chance.randint(1, 4))]
        if self.chance.random() < 0.2:
            order = self.chance.choice(("", f" order by {', '.join(items)}"))
            return f"select distinct {', '.join(items)} {self.text}{where}{order}"
        return f"select {', '.join(items)} {self.text}{where}{self.order()}"

    def want_map(self, where: str) -> str:
        items = [self.expression() for _ in range(self.chance.randint(1, 4))]
        named = ", ".join(f"{one} as n{i}" for i, one in enumerate(items))
        return f"select new map({named}) {self.text}{where}{self.order()}"

    def want_groups(self, where: str) -> str:
        keys = [self.value() for _ in range(self.chance.randint(0, 2))]
        figures = [self.figure() for _ in range(self.chance.randint(1, 2))]
        group = f" group by {', '.join(keys)}" if keys else ""
        if keys and self.chance.random() < 0.3:
            group += f" having {self.figure()} {self.chance.choice(('>', '>=', '='))} 1"
        order = ""
        if self.chance.random() < 0.5:
            order = f" order by {', '.join([self.chance.choice(figures), *keys])}"
        return f"select {', '.join([*keys, *figures])} {self.text}{where}{group}{order}"

    def order(self) -> str:
        if self.chance.random() < 0.4:
            return ""
        keys = [self.value() for _ in range(self.chance.randint(0, 2))]
        turned = [one + self.chance.choice(("", " asc", " desc")) for one in keys]
        ids = [f"{one.alias}.id" for one in self.sources if one.model_class]
        return f" order by {', '.join(turned + ids)}"

    # where it comes from

    def join(self, fetches: bool) -> None:
        owners = [s for s in self.sources if s.model_class]
        if fetches:
            owners = [s for s in owners if s.is_fetched or s.alias == "a"]
        source = self.chance.choice(owners)
        assert source.model_class is not None
        paths = list(self.ways_on(source.model_class))
        if not paths:
            return
        path, target, ordered = self.chance.choice(paths)
        alias = f"j{len(self.sources)}"
        fetch = fetches and self.chance.random() < 0.8
        kind = self.chance.choice(
            ("join", "left outer join", "inner join", "left join")
        )
        word = " fetch" if fetch else ""
        self.text += f" {kind}{word} {source.alias}.{path} as {alias}"
        self.sources.append(Source(alias, target, fetch, ordered))
        if not fetch and target and self.chance.random() < 0.1:
            self.text += f" with {alias}.id > 1"

    def ways_on(self, model_class: ModelClass) -> Iterator[tuple[str, Any, bool]]:
        for one in model_class.of_kind(Kind.REFERENCE, Kind.COLLECTION):
            target = self.model[str(one.target)]
            yield one.name, target, one.kind is Kind.COLLECTION and one.is_ordered
        for one in model_class.of_kind(Kind.MAP):
            yield one.name, None, False
        if not model_class.is_global and self.chance.random() < 0.3:
            yield "details.owner", self.model["Experimenter"], False
            yield "details.group", self.model["ExperimenterGroup"], False
            yield "details.creationEvent", self.model["Event"], False

    # values

    def expression(self) -> str:
        roll = self.chance.random()
        if roll < 0.1:
            one = self.chance.choice([s for s in self.sources if s.model_class])
            return one.alias
        if roll < 0.2:
            return self.counted()
        if roll < 0.3:
            return self.computed()
        return self.value()

    def counted(self) -> str:
        """Write a scalar sub-select over a collection of an alias."""
        found = [
            (one.alias, member)
            for one in self.sources
            if one.model_class
            for member in one.model_class.of_kind(Kind.COLLECTION)
        ]
        if not found:
            return self.value()
        alias, member = self.chance.choice(found)
        return (
            f"(select {self.chance.choice(('count(x)', 'max(x.id)', 'count(*)'))} "
            f"from {member.target} x where x.{member.back} = {alias})"
        )

    def computed(self) -> str:
        text, number = self.value({Kind.STRING}), self.value(NUMBERS)
        return self.chance.choice(
            (
                f"lower({text})",
                f"upper({text})",
                f"length({text})",
                f"coalesce({text}, 'none')",
                f"concat({text}, '!')",
                f"{text} || '-' || {text}",
                f"substring({text}, 1, 3)",
                f"trim({text})",
                f"abs({number})",
                f"{number} + 1",
                f"{number} * 2",
                f"cast({number} as string)",
                f"str({number})",
                f"nullif({number}, 1)",
                f"case when {number} > 1 then 'more' else 'less' end",
                f"case when {text} is null then 1 else 0 end",
            )
        )

    def value(self, kinds: set[Kind] = VALUES) -> str:
        """Write a path to a value of one of some kinds, or an id."""
        source = self.chance.choice(self.sources)
        if source.model_class is None:
            return f"{source.alias}.{self.chance.choice(('name', 'value'))}"
        roll = self.chance.random()
        if source.is_place and roll < 0.15 and kinds & NUMBERS:
            return f"index({source.alias})"
        path, model_class = source.alias, source.model_class
        while self.chance.random() < 0.2:
            steps = list(model_class.of_kind(Kind.REFERENCE))
            if not steps:
                break
            step = self.chance.choice(steps)
            path, model_class = f"{path}.{step.name}", self.model[str(step.target)]
        if not model_class.is_global and roll > 0.85:
            return path + self.chance.choice(
                (".details.owner.id", ".details.group.id", ".details.owner.omeName")
                if Kind.STRING not in kinds or Kind.INT in kinds
                else (".details.owner.omeName", ".details.group.name")
            )
        members = [one for one in model_class.fields.values() if one.kind in kinds]
        if not members and kinds == {Kind.STRING}:
            return "'none'"
        if not members or (kinds & NUMBERS and self.chance.random() < 0.2):
            return f"{path}.id"
        return f"{path}.{self.chance.choice(members).name}"

    def figure(self) -> str:
        one = self.chance.choice([s for s in self.sources if s.model_class])
        number, any_value = self.value(NUMBERS), self.value()
        return self.chance.choice(
            (
                "count(*)",
                f"count({one.alias})",
                f"count(distinct {one.alias})",
                f"count(distinct {any_value})",
                f"count({any_value})",
                f"sum({number})",
                f"min({any_value})",
                f"max({number})",
                f"avg({number})",
                f"max({one.alias}.id)",
            )
        )

    # conditions

    def condition(self, depth: int = 0) -> str:
        roll = self.chance.random()
        if depth < 2 and roll < 0.35:
            word = self.chance.choice(("and", "and", "or"))
            return f"({self.condition(depth + 1)} {word} {self.condition(depth + 1)})"
        if depth < 2 and roll < 0.42:
            return f"not ({self.condition(depth + 1)})"
        return self.compare(self.chance.choice(self.sources))

    def compare(self, source: Source) -> str:
        """Write one condition on an alias."""
        if source.model_class is None:
            word = self.chance.choice(("= 'Gene'", "like 'G%'", "is not null", "!= ''"))
            return f"{source.alias}.{self.chance.choice(('name', 'value'))} {word}"
        model_class = source.model_class
        roll = self.chance.random()
        if roll < 0.12:
            return f"{source.alias}.id in (1, 2, 3, {self.chance.randint(4, 12)})"
        if roll < 0.2:
            return f"{source.alias}.id {self.chance.choice(('>', '<=', '!='))} 2"
        if roll < 0.25:
            return f"{source.alias} is {self.chance.choice(('', 'not '))}null"
        if roll < 0.32 and not model_class.is_global:
            member = self.chance.choice(("owner", "group"))
            return f"{source.alias}.details.{member}.id = {self.chance.randint(2, 4)}"
        if roll < 0.4 and model_class.parent is None and model_class.is_abstract:
            below = self.chance.choice(self.model.concrete(model_class))
            return (
                f"{source.alias}.class {self.chance.choice(('=', '!='))} {below.name}"
            )
        members = list(model_class.fields.values())
        if not members:
            return f"{source.alias}.id > 0"
        return self.test(source.alias, self.chance.choice(members))

    def test(self, alias: str, member: Field) -> str:
        path = f"{alias}.{member.name}"
        pick = self.chance.choice
        match member.kind:
            case Kind.STRING:
                return path + pick(
                    (" like '%e%'", " = 'x'", " is null", " is not null", " != ''")
                )
            case Kind.INT | Kind.LONG:
                return path + pick((" > 0", " = 1", " is null", " between 0 and 2"))
            case Kind.DOUBLE:
                return path + pick((" > 0.5", " is not null", " < 10"))
            case Kind.BOOL:
                return path + pick((" = true", " = false", " is null"))
            case Kind.REFERENCE:
                target = self.model[str(member.target)]
                below = (
                    f"{path}.id in (select y.id from {target.name} y where y.id < 3)",
                    f"{path} is null",
                    f"{path}.id = 1",
                    f"{path} is not null",
                    f"{path}.id is null",
                )
                return pick(below)
            case Kind.COLLECTION:
                return pick(
                    (
                        f"size({path}) > 0",
                        f"{path} is empty",
                        f"{path} is not empty",
                        f"exists (select z from {member.target} z "
                        f"where z.{member.back} = {alias})",
                        f"not exists (select z.id from {member.target} z "
                        f"where z.{member.back}.id = {alias}.id and z.id > 1)",
                    )
                )
            case Kind.UNIT:
                return path + pick((".value > 0.1", " is null", ".value is not null"))
            case Kind.TIME:
                return f"{path} is {pick(('', 'not '))}null"
        return f"{alias}.id > 0"


def write_queries(seed: int, count: int) -> list[str]:
    """Write some queries; the same ones for the same seed."""
    chance = random.Random(seed)
    return [Writer(chance).write() for _ in range(count)]
