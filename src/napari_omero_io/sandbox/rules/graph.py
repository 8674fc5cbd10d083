"""Following OMERO's graph: what goes along when something is deleted, moved or given.

The walk asks the database along the ties of `graph_rules` and only collects;
nothing is changed here.  It alternates between two steps until nothing is added:
parts of what goes must go too, and what nobody else uses any more may go.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from napari_omero_io.sandbox.errors import SandboxError

from .aims import Aim, Deleting
from .graph_rules import KEPT_WITHOUT_LINK, Terms
from .ownership import Standing
from .permissions import may_see
from .ties import Tie, Ties, resolve_ties

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from napari_omero_io.sandbox.schema.model import ModelClass

    from .ownership import Judge
    from .tracks import Tracks

#: An object: the root of its class, and its id.
Key = tuple[str, int]

#: Decides about an object that is considered and its namespace: True takes it as an
#: orphan, False keeps it, None looks who else uses it.
Choice = Callable[[Standing, str | None], bool | None]


class GraphFailure(SandboxError):
    """What was asked for cannot be done as a whole."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Why something is considered: what used it goes.

    Attributes
    ----------
    end
        Of a link: the object at its other end.
    """

    tie: Tie
    user: Key
    end: Key | None


@dataclass(slots=True, eq=False)
class Walk:
    """One walk, from what a request names to all that goes with it.

    Attributes
    ----------
    aim
        What is to be done with all of it.
    ignored
        Objects of these classes are left alone.
    going
        What goes, by the root of its class.
    """

    tracks: Tracks
    judge: Judge
    aim: Aim = field(default_factory=Deleting)
    ignored: Collection[ModelClass] = ()
    choose: Choice = lambda _object, _ns: None
    going: dict[str, dict[int, Standing]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    _waiting: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    _claims: dict[Key, list[Claim]] = field(default_factory=lambda: defaultdict(list))
    _considered: dict[Key, Standing] = field(default_factory=dict)

    def follow(self, targets: Mapping[str, Collection[int]]) -> None:
        """Collect what goes with some objects, by the roots of their classes.

        Objects that are not there, or not for the caller to see, are passed over.

        Raises
        ------
        GraphFailure
            Something would have to go that may not.
        """
        for root, ids in targets.items():
            found = self.tracks.read(root, ids)
            seen = {id_: one for id_, one in found.items() if self._sees(one)}
            self._take(root, seen, Terms.PERMITTED)
        while True:
            if self._waiting:
                root, new = self._waiting.popitem()
                self._take_parts(root, new)
                self._consider_uses(root, new)
            elif not (self._take_orphans() or self._take_whole_filesets()):
                break
        self._check_filesets()

    @property
    def _ties(self) -> Ties:
        return resolve_ties(self.tracks.tables)

    def _take(self, root: str, objects: Mapping[int, Standing], terms: Terms) -> None:
        for id_, object_ in objects.items():
            if id_ in self.going[root] or self._is_ignored(object_):
                continue
            if terms is not Terms.REGARDLESS and not self.allows(object_):
                if terms is Terms.PERMITTED:
                    raise GraphFailure(
                        f"not permitted to {self.aim.verb} "
                        f"{label(object_.model_class, id_)}"
                    )
                continue
            self.going[root][id_] = object_
            self._waiting[root].add(id_)

    def _take_parts(self, root: str, ids: Collection[int]) -> None:
        tracks = self.tracks
        for tie in self._ties.parts.get(root, ()):
            owners = dict(tracks.referring(tie.column, ids))
            parts = owners.keys() - self.going[tie.source].keys()
            found = tracks.read(tie.source, parts)
            terms = self.aim.terms_of_part(tie)
            if terms is Terms.SAME_OWNER:
                whole = self.going[root]
                found = {
                    id_: part
                    for id_, part in found.items()
                    if part.owner_id == whole[owners[id_]].owner_id
                }
            self._take(tie.source, found, terms)
        column = tracks.tables[root].c.get("external_id")
        if column is not None:
            infos = {target for _, target in tracks.referred(column, ids)}
            found = tracks.read("ExternalInfo", infos)
            self._take("ExternalInfo", found, Terms.REGARDLESS)

    def _consider_uses(self, root: str, ids: Collection[int]) -> None:
        tracks = self.tracks
        for tie in self._ties.uses.get(root, ()):
            ends: dict[int, Key] = {}
            if tie.end is not None:
                column, end_root = tie.end
                for id_, end in tracks.referred(column, ids):
                    ends[id_] = (end_root, end)
            for id_, target in tracks.referred(tie.column, ids):
                claim = Claim(tie, (root, id_), ends.get(id_))
                self._claims[tie.target, target].append(claim)

    def _take_orphans(self) -> bool:
        """Take what was considered and is used by nobody else any more."""
        pending: dict[str, set[int]] = defaultdict(set)
        for root, id_ in self._claims:
            if id_ not in self.going[root]:
                pending[root].add(id_)
        taken = False
        for root, ids in pending.items():
            new = {id_ for id_ in ids if (root, id_) not in self._considered}
            for id_, object_ in self.tracks.read(root, new).items():
                self._considered[root, id_] = object_
            orphans = self._orphans(root, ids)
            if root == "Image":
                orphans = self._in_whole_filesets(orphans)
            self._take(root, orphans, Terms.REGARDLESS)
            taken = taken or bool(orphans)
        return taken

    def _orphans(self, root: str, ids: Collection[int]) -> dict[int, Standing]:
        possible: dict[int, Standing] = {}
        for id_ in ids:
            object_ = self._considered[root, id_]
            claims = self._claims[root, id_]
            if not self._is_ignored(object_) and any(
                self._allows(claim, object_) for claim in claims
            ):
                possible[id_] = object_
        names = self.tracks.namespaces(possible) if root == "Annotation" else {}
        chosen = {
            id_: self.choose(object_, names.get(id_))
            for id_, object_ in possible.items()
        }
        undecided = {id_ for id_, choice in chosen.items() if choice is None}
        used = self._used_by_others(root, undecided)
        return {
            id_: object_
            for id_, object_ in possible.items()
            if chosen[id_] or id_ in undecided - used
        }

    def _in_whole_filesets(self, images: dict[int, Standing]) -> dict[int, Standing]:
        """Leave out orphans that would part with other images of their fileset.

        Only images that are named themselves are refused for that.
        """
        together = self.going["Image"].keys() | images.keys()
        parted: set[int] = set()
        for members in self.tracks.filesets(images).values():
            if not members <= together:
                parted |= members
        return {id_: image for id_, image in images.items() if id_ not in parted}

    def _allows(self, claim: Claim, object_: Standing) -> bool:
        """Tell whether something may go with what used it, orphan or not."""
        terms = self.aim.terms_of_use(claim.tie, object_)
        user = self._standing(claim.end or claim.user)
        if claim.tie.target == "Annotation":
            if user is None and object_.model_class.name in KEPT_WITHOUT_LINK:
                return False
        elif user is None:  # the link alone goes
            return False
        if terms is Terms.REGARDLESS:
            return True
        if terms is Terms.SAME_OWNER and (
            user is None or user.owner_id != object_.owner_id
        ):
            return False
        return self.allows(object_)

    def _standing(self, key: Key) -> Standing | None:
        root, id_ = key
        return self.going[root].get(id_)

    def _used_by_others(self, root: str, ids: Collection[int]) -> set[int]:
        used: set[int] = set()
        for tie in self._ties.holders.get(root, ()):
            going = self.going[tie.source]
            for user, target in self.tracks.referring(tie.column, ids):
                if user not in going:
                    used.add(target)
        return used

    def _take_whole_filesets(self) -> bool:
        """Take a fileset when the last of its images goes."""
        going = self.going["Image"].keys()
        filesets = self.tracks.filesets(going)
        whole = {fileset for fileset, images in filesets.items() if images <= going}
        new = whole - self.going["Fileset"].keys()
        self._take("Fileset", self.tracks.read("Fileset", new), Terms.PERMITTED)
        return any(id_ in self.going["Fileset"] for id_ in new)

    def _check_filesets(self) -> None:
        going = self.going["Image"].keys()
        for fileset, images in self.tracks.filesets(going).items():
            if staying := images - going:
                raise GraphFailure(
                    f"within Fileset[{fileset}] may not {self.aim.verb} "
                    f"Image[{min(images & going)}] "
                    f"while Image[{min(staying)}] remains"
                )

    def allows(self, object_: Standing) -> bool:
        """Tell whether the caller may do to an object what the walk is for."""
        return self.aim.allows(self.judge, object_)

    def _is_ignored(self, object_: Standing) -> bool:
        return any(object_.model_class.is_a(one) for one in self.ignored)

    def _sees(self, object_: Standing) -> bool:
        if object_.owner_id is None or object_.group_id is None:
            return True
        return may_see(self.judge.caller, object_.owner_id, object_.group_id)


def label(model_class: ModelClass, id_: int) -> str:
    """Name an object as OMERO's graph errors do: ``Image[34]``."""
    return f"{model_class.name}[{id_}]"
