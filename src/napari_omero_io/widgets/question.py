"""A question in the page itself: one sentence, and a button for each answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from .message import MessageBar

if TYPE_CHECKING:
    from collections.abc import Callable


class QuestionBar(QWidget):
    """Asks whether to go on; hidden when there is nothing to ask."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._then: Callable[[], None] | None = None
        self.message = MessageBar()
        self.agree = QPushButton()
        self.agree.clicked.connect(self._go_on)
        self.refuse = QPushButton("Cancel")
        self.refuse.clicked.connect(self.drop)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.refuse)
        buttons.addWidget(self.agree)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.message)
        layout.addLayout(buttons)
        self.hide()

    def ask(self, text: str, answer: str, then: Callable[[], None]) -> None:
        """Ask; `then` is called if the user agrees."""
        self._then = then
        self.message.say(text, "warning")
        self.agree.setText(answer)
        self.show()
        self.agree.setFocus()

    def drop(self) -> None:
        """Ask no more."""
        self._then = None
        self.hide()

    def refresh_looks(self) -> None:
        """Take the colours of the theme that is shown now."""
        self.message.refresh_looks()

    def _go_on(self) -> None:
        then = self._then
        self.drop()
        if then is not None:
            then()
