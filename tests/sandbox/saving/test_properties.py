"""Any graph that the model allows comes back as it was sent."""

from __future__ import annotations

from typing import Any

import omero.all
import omero.model
import omero.model.enums
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from omero.rtypes import rbool, rdouble, rint, rlong, rstring, rtime

from napari_omero_io.sandbox.schema.model import Field, Kind, ModelClass, load_model

MODEL = load_model()
DEPRECATED = {"ImportJob", "Path"}  # making one warns
PERSISTENT = [
    one
    for one in MODEL.classes.values()
    if not (one.is_abstract or one.is_global or one.is_immutable)
    and not one.name.endswith("AnnotationLink")
    and one.name not in DEPRECATED
]
#: What the database or the server would change or refuse.
LEFT_ALONE = {("OriginalFile", "repo"), ("Annotation", "ns")}
FILLED_IN = {("Image", "series"), ("OriginalFile", "mimetype")}
DEPTH = 3

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
doubles = st.floats(allow_nan=False)


def numbers(field: Field, low: int, high: int) -> st.SearchStrategy[int]:
    bounds = field.range
    if bounds is None:
        return st.integers(low, high)
    return st.integers(1 if bounds.above is not None else 0, high)


def values(field: Field) -> st.SearchStrategy[Any]:
    bounds = field.range
    if bounds is not None and bounds.at_most is not None:
        plain = st.floats(0, 1)
    elif bounds is not None:
        plain = st.floats(min_value=0, exclude_min=True, allow_infinity=False)
    else:
        plain = doubles
    if field.kind is Kind.UNIT:
        units = getattr(omero.model.enums, f"Units{field.target}")
        names = sorted(units._enumerators)
        build = getattr(omero.model, f"{field.target}I")
        return st.builds(
            lambda value, unit: build(value, units.valueOf(unit)),
            plain,
            st.sampled_from(names),
        )
    pair = st.builds(omero.model.NamedValue, texts, texts)
    return {
        Kind.STRING: texts.map(rstring),
        Kind.INT: numbers(field, -(2**31), 2**31 - 1).map(rint),
        Kind.LONG: numbers(field, -(2**63), 2**63 - 1).map(rlong),
        Kind.DOUBLE: plain.map(rdouble),
        Kind.BOOL: st.booleans().map(rbool),
        Kind.TIME: st.integers(-(2**53), 2**53).map(rtime),
        Kind.BYTES: st.binary(max_size=20),
        Kind.MAP: st.lists(pair, max_size=3),
    }[field.kind]


def enumeration(draw: Any, target: ModelClass) -> Any:
    from napari_omero_io.sandbox.store.founding import original_enumerations

    rows = original_enumerations().get(target.name)
    if not rows:
        return None
    entry = getattr(omero.model, f"{target.name}I")()
    entry.value = rstring(draw(st.sampled_from(rows))["value"])
    return entry


def below(target: ModelClass) -> list[ModelClass]:
    return [one for one in MODEL.concrete(target) if one.name not in DEPRECATED]


class Grower:
    """Grows one graph."""

    def __init__(self, draw: Any) -> None:
        self.draw = draw
        self.wells = 0

    def grow(self, model_class: ModelClass, depth: int = 0) -> Any:
        made = getattr(omero.model, f"{model_class.name}I")()
        for field in model_class.fields.values():
            if (field.owner, field.name) in LEFT_ALONE:
                continue
            if field.kind is Kind.REFERENCE:
                self._refer(made, field, depth)
            elif field.kind is not Kind.COLLECTION:
                must = field.is_required or (field.owner, field.name) in FILLED_IN
                if must or self.draw(st.booleans()):
                    setattr(made, f"_{field.name}", self.draw(values(field)))
        if model_class.name == "Well":  # unique in its plate
            self.wells += 1
            made.row = rint(self.wells)
        if depth < DEPTH:
            for field in model_class.of_kind(Kind.COLLECTION):
                self._fill(made, field, depth)
        return made

    def _refer(self, made: Any, field: Field, depth: int) -> None:
        if getattr(made, f"_{field.name}") is not None:
            return
        wanted = field.is_required or (depth < DEPTH and self.draw(st.booleans()))
        target = MODEL[field.target]
        if not wanted or (target.is_global and not target.is_enum):
            return
        if target.is_enum:
            setattr(made, f"_{field.name}", enumeration(self.draw, target))
            return
        concrete = self.draw(st.sampled_from(below(target)))
        other = self.grow(concrete, depth + 1 if depth < DEPTH else depth)
        setattr(made, f"_{field.name}", other)
        if field.is_ordered:
            getattr(other, f"_{field.back}Seq").append(made)

    def _fill(self, made: Any, field: Field, depth: int) -> None:
        target = MODEL[field.target]
        if target.is_global or self.draw(st.integers(0, 3)):
            return
        for _ in range(self.draw(st.integers(1, 2))):
            concrete = self.draw(st.sampled_from(below(target)))
            child = getattr(omero.model, f"{concrete.name}I")()
            setattr(child, f"_{field.back}", made)
            grown = self._grow_child(child, concrete, depth + 1)
            getattr(made, f"_{field.name}Seq").append(grown)

    def _grow_child(self, child: Any, concrete: ModelClass, depth: int) -> Any:
        grown = self.grow(concrete, DEPTH)
        for field in concrete.of_kind(Kind.REFERENCE):
            given = getattr(child, f"_{field.name}")
            if given is not None:
                dropped = getattr(grown, f"_{field.name}")
                if field.is_ordered and dropped is not None:
                    getattr(dropped, f"_{field.back}Seq").remove(grown)
                setattr(grown, f"_{field.name}", given)
        return grown


@st.composite
def graphs(draw: st.DrawFn) -> Any:
    return Grower(draw).grow(draw(st.sampled_from(PERSISTENT)))


def assert_same(sent: Any, saved: Any) -> None:
    """Walk two graphs in step."""
    waiting, met = [(sent, saved)], {}
    while waiting:
        one, other = waiting.pop()
        if id(one) in met:
            assert met[id(one)] is other
            continue
        met[id(one)] = other
        assert one.ice_id() == other.ice_id()
        assert other.id is not None
        if MODEL.resolve(one.ice_id()).is_enum:
            continue
        for field in MODEL.resolve(one.ice_id()).fields.values():
            if field.kind is Kind.COLLECTION:
                assert getattr(other, f"_{field.name}Loaded")
                here = getattr(one, f"_{field.name}Seq")
                there = getattr(other, f"_{field.name}Seq")
                assert len(here) == len(there), field
                waiting += zip(here, there, strict=True)
                continue
            here, there = (getattr(x, f"_{field.name}") for x in (one, other))
            if field.kind is Kind.REFERENCE:
                assert (here is None) == (there is None), field
                if here is not None:
                    waiting.append((here, there))
            else:
                assert plain(field, here) == plain(field, there), field


def plain(field: Field, value: Any) -> Any:
    if field.kind is Kind.MAP:
        return [(pair.name, pair.value) for pair in value or []]
    if value is None:
        return None
    if field.kind is Kind.UNIT:
        return (value.getValue(), str(value.getUnit()))
    return bytes(value) if field.kind is Kind.BYTES else value.getValue()


@settings(
    max_examples=60,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.function_scoped_fixture,
        HealthCheck.data_too_large,
    ],
)
@given(sent=graphs())
def test_what_is_saved_is_what_was_sent(clerk: Any, root: Any, sent: Any) -> None:
    saved = clerk.save(root, sent)
    assert_same(sent, saved)
    events, logs = clerk.count("Event"), clerk.count("EventLog")
    assert_same(sent, clerk.save(root, saved))  # and saving it again is nothing
    assert (clerk.count("Event"), clerk.count("EventLog")) == (events, logs)
    found = clerk.get(root, type(sent).__name__.removesuffix("I"), saved.id)
    for field in MODEL.resolve(sent.ice_id()).fields.values():
        if field.kind not in (Kind.COLLECTION, Kind.REFERENCE):
            name = f"_{field.name}"
            assert plain(field, getattr(found, name)) == plain(
                field, getattr(sent, name)
            )
