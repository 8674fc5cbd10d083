"""How many images are opened together: decided by their number, or by the user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QMessageBox, QWidget

from .open_ways import PLATE_KINDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_omero_io.session import Arrangement

#: More images than this are opened only after a question, and more than that as
#: separate layers never.
MANY, MOST = 10, 200

#: Kinds that links name and that hold images.
CONTAINERS = (
    *("dataset", "project", "screen", "tag", "tagset", "fileset", "figure"),
    *PLATE_KINDS,
)

#: What the answers are called.
ANSWERS = {"apart": "Separate layers", "stack": "One stack", "mosaic": "One mosaic"}


@dataclass(frozen=True, slots=True)
class Offer:
    """A question to the user, and the answers that make sense."""

    text: str
    arrangements: tuple[Arrangement, ...]


def decide(count: int, kind: str = "") -> Arrangement | Offer:
    """Say how to open some images, or what to ask.

    Parameters
    ----------
    count
        Of the images; more than `MOST` are all the same.
    kind
        Of what holds them, where the user has named that: plates, runs and wells
        open as what they are.
    """
    if kind in PLATE_KINDS and count > 1:
        return "mosaic"
    if count <= MANY:
        return "apart"
    if count <= MOST:
        return Offer(
            f"These are {count} images: each as layers of its own, or all as one "
            "stack, if they are of one size?",
            ("apart", "stack"),
        )
    return Offer(
        f"These are more than {MOST} images, too many to open as separate layers. If "
        "they are of one size, they can be one stack.",
        ("stack",),
    )


def ask(parent: QWidget, offer: Offer, then: Callable[[Arrangement], None]) -> None:
    """Ask in a box that stops nothing; `then` is called unless the user cancels."""
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle("Open many images")
    box.setIcon(QMessageBox.Icon.Question)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(offer.text)
    for arrangement in offer.arrangements:
        button = box.addButton(ANSWERS[arrangement], QMessageBox.ButtonRole.AcceptRole)
        button.clicked.connect(lambda _=False, chosen=arrangement: then(chosen))
    box.addButton(QMessageBox.StandardButton.Cancel)
    box.open()
