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
        self._otherwise: Callable[[], None] | None = None
        self.other = QPushButton()
        self.other.clicked.connect(self._go_another_way)
        self.refuse = QPushButton("Cancel")
        self.refuse.clicked.connect(self.drop)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.refuse)
        buttons.addWidget(self.other)
        buttons.addWidget(self.agree)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.message)
        layout.addLayout(buttons)
        self.hide()

    def ask(
        self,
        text: str,
        answer: str,
        then: Callable[[], None],
        other: tuple[str, Callable[[], None]] | None = None,
    ) -> None:
        """Ask; `then` is called if the user agrees.

        Parameters
        ----------
        other
            Another answer, and what is called if the user gives that one.
        """
        self._then = then
        self._otherwise = None if other is None else other[1]
        self.other.setVisible(other is not None)
        self.other.setText("" if other is None else other[0])
        self.message.say(text, "warning")
        self.agree.setText(answer)
        self.show()
        self.agree.setFocus()

    def drop(self) -> None:
        """Ask no more."""
        self._then = self._otherwise = None
        self.hide()

    def refresh_looks(self) -> None:
        """Take the colours of the theme that is shown now."""
        self.message.refresh_looks()

    def _go_on(self) -> None:
        self._answer(self._then)

    def _go_another_way(self) -> None:
        self._answer(self._otherwise)

    def _answer(self, then: Callable[[], None] | None) -> None:
        self.drop()
        if then is not None:
            then()
