"""How far an export is, and the links of what it has made."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from .icons import read_theme
from .message import MessageBar

if TYPE_CHECKING:
    from napari_omero_io.save.receipt import Receipt

#: Steps of the bar: a Qt progress bar counts in 32 bits, and bytes may need more.
_STEPS = 1000


class ProgressPage(QWidget):
    """A bar and a Cancel button while it runs, a list of links afterwards.

    Signals
    -------
    cancel_requested()
    link_activated(link)
        The user wants to open what was made.
    more_requested()
        The user wants to export something else.
    close_requested()
    """

    cancel_requested = Signal()
    link_activated = Signal(str)
    more_requested = Signal()
    close_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_running = False
        self._receipt: Receipt | None = None
        self._build()
        self.refresh_looks()

    @property
    def is_running(self) -> bool:
        """Whether an export is on its way."""
        return self._is_running

    def start(self) -> None:
        """Show the beginning of an export."""
        self._is_running = True
        self._receipt = None
        self.title.setText("Exporting…")
        self.outcome.say("")
        self.hint.setVisible(True)
        self.hint.setText("You may close this window; the export goes on.")
        self.result.setVisible(False)
        self.bar.setVisible(True)
        self.bar.setRange(0, 0)
        self.step.setText("Starting…")
        self.stop.setVisible(True)
        self.stop.setEnabled(True)
        self.more.setVisible(False)

    def show_progress(self, done: int, total: int, text: str) -> None:
        """Show how far it is; a total of 0 means that nobody knows."""
        self.bar.setRange(0, _STEPS if total else 0)
        if total:
            self.bar.setValue(round(_STEPS * done / total))
        if self.stop.isEnabled():
            self.step.setText(text)

    def show_result(self, receipt: Receipt) -> None:
        """List what was made, with links."""
        self._end("Exported")
        self._receipt = receipt
        self.hint.setText("Click the link of an image to open it in napari:")
        self.hint.setVisible(bool(receipt.links("image")))
        self.result.setVisible(True)
        self._write_result()

    def show_failure(self, text: str) -> None:
        """Say why it ended early, and what is left on the server."""
        self._end("Not exported")
        self.hint.setVisible(False)
        self.outcome.say(text, "error")

    def show_cancelled(self, text: str) -> None:
        """Say that the user's wish was carried out."""
        self._end("Cancelled")
        self.hint.setVisible(False)
        self.outcome.say(text)

    def refresh_looks(self) -> None:
        """Take the colours of the theme that is shown now."""
        theme = read_theme()
        self.result.setStyleSheet(
            f"QLabel {{ background-color: {theme.panel}; border-radius: 4px;"
            f" padding: 8px; }}"
        )
        self.outcome.refresh_looks()
        self._write_result()

    # -- inside ------------------------------------------------------------------

    def _build(self) -> None:
        self.title = QLabel()
        font = self.title.font()
        font.setBold(True)
        self.title.setFont(font)
        self.step = QLabel()
        self.step.setTextFormat(Qt.TextFormat.PlainText)
        self.step.setWordWrap(True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.outcome = MessageBar()
        self.hint = QLabel()
        self.hint.setWordWrap(True)
        self.result = QLabel()
        self.result.setWordWrap(True)
        self.result.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextBrowserInteraction
        )
        self.result.linkActivated.connect(self.link_activated)
        self.stop = QPushButton("Cancel")
        self.stop.setToolTip("Stop, and remove what is half-made")
        self.stop.clicked.connect(self._ask_to_stop)
        self.more = QPushButton("Export more")
        self.more.clicked.connect(self.more_requested)
        self.close_button = QPushButton("Close")
        self.close_button.clicked.connect(self.close_requested)
        for button in (self.stop, self.more, self.close_button):
            button.setAutoDefault(False)
        self._arrange()

    def _arrange(self) -> None:
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        for button in (self.stop, self.more, self.close_button):
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.title)
        layout.addWidget(self.bar)
        layout.addWidget(self.step)
        layout.addWidget(self.outcome)
        layout.addWidget(self.hint)
        layout.addWidget(self.result)
        layout.addStretch(1)
        layout.addLayout(buttons)

    def _ask_to_stop(self) -> None:
        self.stop.setEnabled(False)
        self.step.setText("Stopping, and removing what is half-made…")
        self.cancel_requested.emit()

    def _end(self, title: str) -> None:
        self._is_running = False
        self.title.setText(title)
        self.step.setText("")
        self.bar.setVisible(False)
        self.stop.setVisible(False)
        self.more.setVisible(True)

    def _write_result(self) -> None:
        if self._receipt is not None:
            self.result.setText(_describe(self._receipt, read_theme().text))


def _describe(receipt: Receipt, color: str) -> str:
    """List what was made as rich text; regions are counted, not linked one by one."""
    lines = []
    for made in receipt.objects:
        if made.kind != "roi":
            link = escape(made.link)
            lines.append(
                f"{made.kind.capitalize()} <b>{escape(made.name)}</b><br>"
                f'<a style="color: {color}" href="{link}">{link}</a>'
            )
    regions = [made.name for made in receipt.objects if made.kind == "roi"]
    for name in dict.fromkeys(regions):
        lines.append(f"{regions.count(name)} regions of <b>{escape(name)}</b>")
    if receipt.replaced:
        lines.append(f"{len(receipt.replaced)} regions saved before were replaced")
    return "<br><br>".join(lines)
