"""Answers what the browser's page asks for, from the server that is logged in to.

Holds no state of its own, so that a page may come and go.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject

from .arranging import ANSWERS, MOST, Offer, decide
from .details import PREVIEW_SIZE
from .downloading import Downloading
from .owners import OwnerChoice
from .plate_browsing import PlateBrowsing
from .server import size_page
from .tasks import Tasks
from .thumbnails import THUMBNAIL_SIZE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from napari_omero_io.client.facts import Details
    from napari_omero_io.records import ObjectRecord
    from napari_omero_io.session import Arrangement

    from .account import Account
    from .browser import BrowserPage
    from .opening import Opening
    from .tree_model import Node


class Browsing(QObject):
    """Fills one browser page."""

    def __init__(self, account: Account, opening: Opening, page: BrowserPage) -> None:
        super().__init__(page)
        self._account = account
        self._opening = opening
        self._page = page
        self._tasks = Tasks()
        page.rows_wanted.connect(self._read_rows)
        page.thumbnails_wanted.connect(self._read_thumbnails)
        page.details_wanted.connect(self._read_details)
        page.open_requested.connect(self._open_records)
        page.arrange_requested.connect(self._arrange_records)
        page.link_submitted.connect(opening.open_text)
        page.log_out_requested.connect(account.leave)
        page.search_changed.connect(self._tasks.cancel_all)
        self.plates = PlateBrowsing(account, opening, page)
        self.downloads = Downloading(account, page)
        self.owners = OwnerChoice(account, page)
        self.owners.chosen.connect(page.refresh)
        opening.said.connect(page.say)
        opening.doubted.connect(self._ask)
        opening.text_opened.connect(page.clear_link)
        opening.busy_changed.connect(page.offer_stop)
        page.stop_requested.connect(opening.stop)
        page.destroyed.connect(self._tasks.cancel_all)

    def start(self) -> None:
        """Show the server that the account is logged in to."""
        self._tasks.cancel_all()
        self.plates.stop()
        server = self._account.server
        if server is not None:
            self._page.show_account(server.user, server.address)
            self._page.tree.make_link = server.make_link
            self.owners.start()
            self._page.start_anew()

    def stop(self) -> None:
        """Forget what is still on its way."""
        self._tasks.cancel_all()
        self.plates.stop()
        self.owners.stop()

    def _read_rows(self, node: Node, first: int) -> None:
        server = self._account.server
        if server is None:
            return
        record, question = node.record, self._page.question
        size = size_page(first)

        def read() -> Sequence[ObjectRecord]:
            if record is None and question:
                return server.search(question)
            if record is None:
                return server.list_roots()
            return server.list_children(record, first, size)

        def show(rows: Sequence[ObjectRecord]) -> None:
            self._page.add_rows(node, rows, record is None or len(rows) < size)

        def fail(error: Exception) -> None:
            self._page.report_failure(node, self._account.note_failure(error))

        self._tasks.run(read, show, fail)

    def _read_thumbnails(self, image_ids: list[int]) -> None:
        server = self._account.server
        if server is None:
            return

        def fail(error: Exception) -> None:
            # Pictures are an extra: a sentence, and the plain icons stay.
            self._page.give_up_thumbnails()
            if not self._page.message.text():
                self._page.say(self._account.note_failure(error), "warning")

        self._tasks.run(
            lambda: server.read_thumbnails(image_ids, 2 * THUMBNAIL_SIZE),
            self._page.accept_thumbnails,
            fail,
        )

    def _read_details(self, record: ObjectRecord) -> None:
        server = self._account.server
        if server is None:
            return
        kind = "tag" if record.kind == "tagset" else record.kind
        link = server.make_link(kind, record.id)
        web = server.make_web_link(kind, record.id)

        def show(details: Details) -> None:
            self._page.show_details(replace(details, kind=record.kind), link, web)
            if record.kind == "image":
                self._read_preview(record.id)

        self._tasks.run(
            lambda: server.read_details(record.kind, record.id), show, self._fail
        )

    def _read_preview(self, image_id: int) -> None:
        server = self._account.server
        if server is None:
            return

        def show(pictures: Mapping[int, bytes]) -> None:
            self._page.show_preview(image_id, pictures.get(image_id, b""))

        self._tasks.run(
            lambda: server.read_thumbnails([image_id], 2 * PREVIEW_SIZE),
            show,
            self._fail,
        )

    def _fail(self, error: Exception) -> None:
        self._page.say(self._account.note_failure(error), "error")

    def _open_records(self, records: list[ObjectRecord]) -> None:
        server = self._account.server
        if server is None or not records:
            return
        name = name_all(records)
        if records[0].kind == "image":
            images = {server.make_link("image", r.id): r.name for r in records}
            self._open_or_ask(images, records)
            return
        self._page.say(f"Looking for the images in {name}…", "busy")

        def find() -> list[int]:
            found = [
                image
                for each in records
                for image in server.find_images(
                    each.kind, each.id, MOST + 1, each.run_id
                )
            ]
            return list(dict.fromkeys(found))

        def show(found: Sequence[int]) -> None:
            self._page.say("")
            if not found:
                self._page.say(f"There are no images in “{name}”.", "warning")
            else:
                images = {server.make_link("image", n): f"image {n}" for n in found}
                self._open_or_ask(images, records)

        self._tasks.run(find, show, self._fail)

    def _open_or_ask(self, images: dict[str, str], records: list[ObjectRecord]) -> None:
        """Open images; ask first when they are so many that it may be a mistake."""

        def open_them(arrangement: Arrangement) -> None:
            if arrangement == "apart":
                self._opening.open_links(images)
            else:
                self._arrange_records(records, arrangement)

        decision = decide(len(images))
        if isinstance(decision, Offer):
            self._ask(decision, open_them)
        else:
            open_them(decision)

    def _ask(self, offer: Offer, then: Callable[[Arrangement], None]) -> None:
        """Ask in the page itself."""
        first, *others = [
            (ANSWERS[arrangement], partial(then, arrangement))
            for arrangement in offer.arrangements
        ]
        self._page.doubt.ask(offer.text, *first, others[0] if others else None)

    def _arrange_records(
        self, records: list[ObjectRecord], arrangement: Arrangement
    ) -> None:
        """Open rows as one image."""
        server = self._account.server
        if server is not None and records:
            self._opening.open_together(
                [server.make_link(each.kind, each.id) for each in records],
                name_all(records),
                arrangement,
                run=records[0].run_id,
            )


def name_all(records: Sequence[ObjectRecord]) -> str:
    """Give what a selection is called: by its row, or by the number of them."""
    if len(records) == 1:
        return records[0].name
    return f"{len(records)} {records[0].kind}s"
