"""A server and a memory for the widgets' tests, behind the same protocols."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from napari_omero_io.client.download import DownloadedFile, DownloadReceipt
from napari_omero_io.client.facts import (
    EVERYBODY,
    AnnotationRecord,
    ChannelFacts,
    Details,
    FileRecord,
    ImageFacts,
    MemberRecord,
    Membership,
)
from napari_omero_io.errors import DownloadCancelled
from napari_omero_io.records import (
    ChannelRecord,
    GroupRecord,
    ImageRecord,
    LevelRecord,
    ObjectRecord,
    PlateRecord,
    SettingsRecord,
    TableRecord,
    UserRecord,
)
from napari_omero_io.refs import OmeroRef
from napari_omero_io.save.plan import SavePlan
from napari_omero_io.save.receipt import Receipt, SavedObject
from napari_omero_io.widgets.login import Login
from napari_omero_io.widgets.server import ExportTargets

ROOTS = (
    ObjectRecord("project", 1, "Migration", "anna", 3, 2, can_link=True),
    ObjectRecord("project", 2, "Empty", "anna", 3, 0),
    ObjectRecord("dataset", 9, "Loose", "anna", 3, 450, can_link=True),
    ObjectRecord("orphaned", 5, "Images in no dataset", "anna", 3, 1),
)
ANNA = UserRecord(5, "anna", 3, "Demo lab")
PLATE = PlateRecord(4, "Plate")
DATASETS = (
    ObjectRecord("dataset", 11, "Control", "anna", 3, 3, can_link=True),
    ObjectRecord("dataset", 12, "Treated", "anna", 3, 0),
)


def image_row(image_id: int) -> ObjectRecord:
    return ObjectRecord("image", image_id, f"cell {image_id}", "anna", 3)


def describe_image(image_id: int) -> ImageRecord:
    channel = ChannelRecord(0, "DAPI", (0, 0, 255, 255), (0, 100), (0, 255))
    return ImageRecord(
        id=image_id,
        name=f"cell {image_id}",
        pixels_id=image_id,
        dtype="uint8",
        size_t=1,
        size_c=1,
        size_z=3,
        size_y=40,
        size_x=60,
        channels=(channel,),
        levels=(LevelRecord(60, 40, 0),),
        tile=(60, 40),
        is_tiled=False,
        pixel_size_x=0.25,
        pixel_size_y=0.25,
        owner="Anna <Berg>",
    )


def describe_object(kind: str, object_id: int) -> Details:
    facts = ImageFacts(
        pixel_type="uint8",
        shape=(1, 1, 3, 40, 60),
        pixel_size=(0.25, 0.25, None),
        channels=(ChannelFacts("DAPI", (0, 0, 255)),),
        roi_count=2,
        files=(FileRecord(1, "cells.tif", "2024/", 12_300_000),),
    )
    notes = (
        AnnotationRecord("tag", 1, "good <b>"),
        AnnotationRecord("map", 2, pairs=(("drug", "DMSO"), ("drug", "none"))),
        AnnotationRecord("comment", 3, "Look here", owner="Ben"),
        AnnotationRecord("rating", 4, "4"),
        AnnotationRecord("file", 5, "notes.txt", size=12),
    )
    return Details(
        kind=kind,
        id=object_id,
        name=f"{kind} {object_id}",
        owner="Anna <Berg>",
        group="Demo lab",
        image=facts if kind == "image" else None,
        annotations=notes,
    )


def picture() -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (96, 64), (200, 40, 40)).save(stream, "JPEG")
    return stream.getvalue()


@dataclass
class FakeServer:
    """Answers from memory and notes in which thread it was asked.

    `gate` is open at first; a test that closes it holds every answer back.
    """

    address: str = "omero.example.org:4064"
    user: UserRecord = ANNA
    calls: list[tuple[str, Any]] = field(default_factory=list)
    threads: set[int] = field(default_factory=set)
    failures: dict[str, Exception] = field(default_factory=dict)
    gate: threading.Event = field(default_factory=threading.Event)
    is_closed: bool = False
    certificate: str | None = "AB:CD"
    is_first: bool = False
    listeners: list[Callable[[str, str], None]] = field(default_factory=list)
    groups: Sequence[GroupRecord] = (GroupRecord(3, "Demo lab", "rwra--"),)
    roots: Sequence[ObjectRecord] = ROOTS
    owner_id: int = EVERYBODY
    image_count: int = 3
    has_regions: bool = False
    plate: PlateRecord = PLATE
    tables: Sequence[TableRecord] = ()
    open_tables: dict[int, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.gate.set()

    def is_at(self, server: str) -> bool:
        return server in (self.address, self.address.partition(":")[0])

    def on_state(self, listener: Callable[[str, str], None]) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    def tell(self, state: str, text: str = "") -> None:
        for listener in self.listeners:
            listener(state, text)

    def resume(self, password: str) -> None:
        self._note("resume", password)

    def list_groups(self) -> Sequence[GroupRecord]:
        self._note("list_groups")
        return self.groups

    def show_group(self, group: GroupRecord | None) -> None:
        self.calls.append(("show_group", group))

    def list_members(self) -> Sequence[Membership]:
        self._note("list_members")
        members = (MemberRecord(5, "anna", "Anna Berg"), MemberRecord(6, "ben"))
        return [Membership(3, "Demo lab", members)]

    def show_owner(self, owner_id: int) -> None:
        self.owner_id = owner_id

    def search(self, text: str) -> Sequence[ObjectRecord]:
        self._note("search", text)
        if text.startswith("id:"):
            every = (image_row(int(text[3:])), *ROOTS, *DATASETS)
            return [record for record in every if record.id == int(text[3:])]
        return [image_row(7), DATASETS[0]] if text == "cell" else []

    def read_details(self, kind: str, object_id: int) -> Details:
        self._note("read_details", (kind, object_id))
        return describe_object(kind, object_id)

    def find_images(
        self, kind: str, object_id: int, limit: int, run_id: int | None = None
    ) -> Sequence[int]:
        self._note("find_images", (kind, object_id, limit))
        return list(range(1, 301))[: min(limit, self.image_count)]

    def make_web_link(self, kind: str, object_id: int) -> str:
        return f"https://omero.example.org/webclient/?show={kind}-{object_id}"

    def list_roots(self) -> Sequence[ObjectRecord]:
        self._note("list_roots")
        return self.roots

    def list_children(
        self, parent: ObjectRecord, first: int, limit: int
    ) -> Sequence[ObjectRecord]:
        self._note("list_children", (parent.kind, parent.id, first, limit))
        if parent.kind == "project":
            return DATASETS[first : first + limit]
        count = parent.child_count or 0
        stop = min(first + limit, count)
        return [image_row(100 * parent.id + row) for row in range(first, stop)]

    def read_thumbnails(
        self, image_ids: Sequence[int], size: int
    ) -> Mapping[int, bytes]:
        self._note("read_thumbnails", tuple(image_ids))
        return dict.fromkeys(image_ids, picture())

    def read_image(self, image_id: int) -> ImageRecord:
        self._note("read_image", image_id)
        return describe_image(image_id)

    def make_link(self, kind: str, object_id: int) -> str:
        return str(OmeroRef(self.address, kind, object_id))

    def open_layers(
        self,
        reference: str | Sequence[str],
        arrangement: str = "apart",
        *,
        run: Any = None,
        field: int | None = None,
    ) -> Iterator[Sequence[Any]]:
        if arrangement == "apart":
            self._note("open_layers", reference)
        else:
            self._note("open_together", (list(reference), arrangement, run, field))
            reference = reference[0]
        image_id = OmeroRef.parse(reference).id
        omero = {"server": self.address, "image_id": image_id}
        pixels = np.arange(40 * 60, dtype=np.uint8).reshape(40, 60)
        yield [(pixels, {"name": "DAPI", "metadata": {"omero": omero}}, "image")]
        self._note("open_regions", reference)
        if self.has_regions:
            yield [([[4, 5]], {"name": "Points"}, "points")]

    def read_plate(self, kind: str, object_id: int) -> PlateRecord:
        self._note("read_plate", (kind, object_id))
        return self.plate

    def list_tables(self, kind: str, object_id: int) -> Sequence[TableRecord]:
        self._note("list_tables", (kind, object_id))
        return self.tables

    def open_table(self, table_id: int) -> Any:
        self._note("open_table", table_id)
        return self.open_tables[table_id]

    def list_settings(self, image_id: int) -> Sequence[SettingsRecord]:
        self._note("list_settings", image_id)
        return [
            SettingsRecord(1, "anna", is_own=True),
            SettingsRecord(2, "R&D <b>", is_own=False, name="bright"),
        ]

    def open_with_settings(self, image_id: int, settings_id: int) -> Sequence[Any]:
        self._note("open_with_settings", (image_id, settings_id))
        return next(self.open_layers(self.make_link("image", image_id)))

    def read_regions(self, image_id: int, plane: Any = None) -> Sequence[Any]:
        self._note("read_regions", (image_id, plane))
        return [([[4, 5]], {"name": "Points"}, "points")] if self.has_regions else []

    def download(
        self,
        references: Sequence[str],
        folder: Path,
        progress: Callable[[int, int, str], None],
        cancelled: Callable[[], bool],
    ) -> DownloadReceipt:
        progress(30_000_000, 90_000_000, "cells.tif")
        self._note("download", (list(references), folder))
        if cancelled():
            raise DownloadCancelled("The download was stopped.")
        file = DownloadedFile(folder / "cells.tif", 90_000_000, 90_000_000, True)
        return DownloadReceipt((file,), ("made of pixels",))

    def list_targets(self) -> ExportTargets:
        self._note("list_targets")
        return ExportTargets(DATASETS[:1], ROOTS[:1])

    def compare(self, plan: SavePlan) -> SavePlan:
        return plan

    def carry_out(
        self,
        plan: SavePlan,
        progress: Callable[[int, int, str], None],
        cancelled: Callable[[], bool],
    ) -> Receipt:
        self._note("carry_out", plan)
        progress(plan.size_bytes // 2, plan.size_bytes, "Image")
        self.gate.wait(60)
        if cancelled():
            raise self.failures["cancelled"]
        link = self.make_link("image", 77)
        made = (SavedObject("image", 77, "DAPI", link),)
        saved = {"server": self.address, "image_id": 77}
        return Receipt(made, metadata={0: saved})

    def close(self) -> None:
        self._note("close")
        self.is_closed = True

    def asked(self, name: str) -> list[Any]:
        return [what for called, what in self.calls if called == name]

    def _note(self, name: str, what: Any = None) -> None:
        self.threads.add(threading.get_ident())
        self.calls.append((name, what))
        if name != "carry_out":
            self.gate.wait(60)
        if name in self.failures:
            raise self.failures[name]


@dataclass
class FakeMemory:
    """Remembers logins as long as the test runs."""

    logins: list[Login] = field(default_factory=list)
    aliases: dict[str, str] = field(default_factory=dict)
    trusted: dict[str, str] = field(default_factory=dict)

    def recall(self) -> Sequence[Login]:
        return list(self.logins)

    def remember(self, login: Login) -> None:
        self.logins.insert(0, login)

    def add_alias(self, web_host: str, address: str) -> None:
        self.aliases[web_host] = address

    def trust(self, server: str, fingerprint: str) -> None:
        self.trusted[server] = fingerprint

    def can_keep_passwords(self) -> bool:
        return True
