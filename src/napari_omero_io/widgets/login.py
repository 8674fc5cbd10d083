"""The page on which a user logs in.

Emits what the user asks for and shows what it is told.  It knows nothing of
connections; passwords pass through it and stay nowhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from qtpy.QtCore import QSize, Qt, Signal
from qtpy.QtGui import QIntValidator
from qtpy.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from .icons import load_icon, read_theme
from .message import MessageBar

if TYPE_CHECKING:
    from collections.abc import Sequence

DEFAULT_PORT = "4064"

#: The keys of OMERO's sessions.
_KEY = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True, slots=True)
class Login:
    """What a user types to log in.

    Attributes
    ----------
    server
        ``host``, ``host:port`` or a ``wss://`` address.
    port
        '' where the server's text says it, or where the usual one is meant.
    group
        '' for the user's default group.
    session_key
        Of a session that runs, which is joined.
    verify
        Whether authorities must vouch for the server's certificate.
    keeps_password
        Whether the password goes into the system's keyring.
    """

    server: str
    user: str
    password: str = field(default="", repr=False)
    port: str = ""
    group: str = ""
    session_key: str = field(default="", repr=False)
    verify: bool = False
    keeps_password: bool = False

    @property
    def address(self) -> str:
        """Server and port as one text."""
        has_port = self.server.rpartition(":")[2].isdigit()
        if not self.port or has_port or "://" in self.server:
            return self.server
        return f"{self.server}:{self.port}"

    def without_password(self) -> Login:
        """Give the part that may be remembered."""
        return replace(self, password="", session_key="")

    @property
    def label(self) -> str:
        """How it is offered in a list."""
        if not self.session_key:
            return self.server
        return f"{self.server} (session of {self.user} in the omero command line)"


class LoginPage(QWidget):
    """Server, user and password; or a server of one's own.

    Signals
    -------
    login_requested(Login)
    trial_requested()
        The user wants to try without a server.
    cancel_requested()
        The user does not want to wait any longer.
    trust_requested()
        The user trusts the server's new certificate.
    """

    login_requested = Signal(object)
    trial_requested = Signal()
    cancel_requested = Signal()
    trust_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._remembered: list[Login] = []
        self._filled: Login | None = None
        self._build_fields()
        self._build_buttons()
        self._arrange()
        self.refresh_looks()
        self.show_ready()

    # -- what it is told ---------------------------------------------------------

    def set_remembered(self, logins: Sequence[Login]) -> None:
        """Offer these servers, the last used first, and fill in the first."""
        self._remembered = list(logins)
        self.server.clear()
        self.server.addItems(label_logins(logins))
        if logins:
            self._fill(0)
        else:
            self.server.setCurrentText("")

    def show_ready(self) -> None:
        """Wait for the user."""
        self._set_busy(False)
        self.message.say("")

    def show_connecting(self, text: str) -> None:
        """Say what is going on and offer to stop it."""
        self._set_busy(True)
        self.message.say(text, "busy")
        self.cancel.setFocus()

    def ask_password(self, server: str, user: str) -> None:
        """Fill in whose password is wanted."""
        self._filled = None
        self.server.setCurrentText(server)
        self.port.clear()
        self.user.setText(user)
        self.password.clear()

    def offer_keeping(self, is_possible: bool) -> None:
        """Show whether the system's keyring can take the password."""
        self.keep.setVisible(is_possible)

    def show_error(self, text: str, *, can_trust: bool = False) -> None:
        """Say what went wrong; what was typed stays.

        Parameters
        ----------
        can_trust
            Offer to trust the certificate that was refused.
        """
        self._set_busy(False)
        self.trust.setVisible(can_trust)
        self.message.say(text, "error")
        self.password.setFocus()
        self.password.selectAll()

    def show_notice(self, text: str) -> None:
        """Say something that is no error."""
        self._set_busy(False)
        self.message.say(text)

    def forget_password(self) -> None:
        """Empty the password field."""
        self.password.clear()

    def focus_first_gap(self) -> None:
        """Put the cursor where the user has to type next."""
        fields = [self.server, self.user, self.password]
        empty = [widget for widget in fields if _is_empty(widget)]
        (empty[0] if empty else self.password).setFocus()

    def refresh_looks(self) -> None:
        """Take the colours of the theme that is shown now."""
        theme = read_theme()
        self._logo.setPixmap(load_icon("server", 28).pixmap(QSize(28, 28)))
        self.log_in.setStyleSheet(theme.primary_button)
        self._hint.setStyleSheet(f"color: {theme.dim_text};")
        self._line.setStyleSheet(f"background-color: {theme.border};")
        self.message.refresh_looks()

    # -- inside ------------------------------------------------------------------

    def _build_fields(self) -> None:
        self.server = QComboBox()
        self.server.setEditable(True)
        self.server.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.server.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.server.setMinimumContentsLength(8)
        self.server.setSizePolicy(
            QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed
        )
        self.server.setToolTip(
            "Name of the OMERO server, such as omero.example.org or "
            "omero.example.org:4064"
        )
        edit = self.server.lineEdit()
        edit.setPlaceholderText("omero.example.org")
        edit.returnPressed.connect(self._submit)
        self.server.activated.connect(self._fill)
        self.port = _line_edit(DEFAULT_PORT, "Port, if it is not the usual 4064")
        self.port.setValidator(QIntValidator(1, 65535, self))
        self.user = _line_edit("", "User name on the server")
        self.password = _line_edit(
            "",
            "Password; it is not stored.  Or, without a user name, the key of a "
            "session that runs",
        )
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.keep = QCheckBox("Remember the password")
        self.keep.setToolTip("Kept in the system's keyring, never in a file")
        self.keep.hide()
        self.verify = QCheckBox("Verify the certificate")
        self.verify.setToolTip(
            "Demand a certificate that a known authority issued for this server.\n"
            "Otherwise the first one is remembered, and any other is refused."
        )
        self.group = _line_edit(
            "your default group", "Group to work in; leave empty for your default group"
        )
        for line in (self.port, self.user, self.password, self.group):
            line.returnPressed.connect(self._submit)

    def _build_buttons(self) -> None:
        self.message = MessageBar()
        self.log_in = QPushButton("Log in")
        self.log_in.clicked.connect(self._submit)
        self.trust = QPushButton("Trust the new certificate")
        self.trust.setToolTip("Only if the server's administrator confirms it")
        self.trust.clicked.connect(self.trust_requested)
        self.trust.hide()
        self.cancel = QPushButton("Cancel")
        self.cancel.setToolTip("Stop waiting for the server")
        self.cancel.clicked.connect(self.cancel_requested)
        self.trial = QPushButton("Try without a server")
        self.trial.setToolTip(
            "Starts a small OMERO server on this computer, with demo images.\n"
            "Nothing leaves your computer."
        )
        self.trial.clicked.connect(self.trial_requested)
        self._logo = QLabel()
        self._line = QFrame()
        self._line.setFixedHeight(1)
        self._hint = QLabel("No server at hand? Start one on this computer:")
        self._hint.setWordWrap(True)

    def _arrange(self) -> None:
        title = QLabel("Log in to OMERO")
        font = title.font()
        font.setPointSizeF(font.pointSizeF() * 1.25)
        font.setBold(True)
        title.setFont(font)
        head = QHBoxLayout()
        head.addWidget(self._logo)
        head.addWidget(title, 1)

        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        form.setHorizontalSpacing(10)
        form.setVerticalSpacing(8)
        form.addRow("Server", self.server)
        form.addRow("Port", self.port)
        form.addRow("User", self.user)
        form.addRow("Password", self.password)
        form.addRow("Group", self.group)
        form.addRow("", self.keep)
        form.addRow("", self.verify)

        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(10)
        layout.addLayout(head)
        layout.addLayout(form)
        layout.addWidget(self.message)
        layout.addWidget(self.trust)
        layout.addWidget(self.log_in)
        layout.addWidget(self.cancel)
        layout.addSpacing(6)
        layout.addWidget(self._line)
        layout.addWidget(self._hint)
        layout.addWidget(self.trial)
        layout.addStretch(1)

    def _set_busy(self, busy: bool) -> None:
        fields = (self.server, self.port, self.user, self.password, self.group)
        self.trust.hide()
        for widget in (*fields, self.keep, self.verify, self.trial):
            widget.setEnabled(not busy)
        self.log_in.setVisible(not busy)
        self.cancel.setVisible(busy)

    def _fill(self, row: int) -> None:
        login = self._remembered[row]
        self.server.setCurrentText(login.server)
        self.server.lineEdit().home(False)
        self.port.setText(login.port)
        self.user.setText(login.user)
        self.group.setText(login.group)
        self.verify.setChecked(login.verify)
        self.password.clear()
        self._filled = login

    def _submit(self) -> None:
        if self.cancel.isVisibleTo(self):
            return
        login = Login(
            server=self.server.currentText().strip(),
            user=self.user.text().strip(),
            password=self.password.text(),
            port=self.port.text().strip(),
            group=self.group.text().strip(),
            verify=self.verify.isChecked(),
            keeps_password=self.keep.isVisibleTo(self) and self.keep.isChecked(),
        )
        login = _with_key(login, self._filled)
        if not login.server:
            self.message.say(
                "Which server? Write its name, for example omero.example.org.", "error"
            )
            self.server.setFocus()
        elif not login.user and not login.session_key:
            self.message.say("Write your user name on the server.", "error")
            self.user.setFocus()
        else:
            self.login_requested.emit(login)


def label_logins(logins: Sequence[Login]) -> list[str]:
    """Name logins in a list, with the user where a server is in it more than once."""
    labels = [login.label for login in logins]
    return [
        label if labels.count(label) == 1 else f"{label} ({login.user})"
        for label, login in zip(labels, logins, strict=True)
    ]


def _with_key(login: Login, filled: Login | None) -> Login:
    """Join the session that was chosen, or whose key stands for a password."""
    if not login.user and _KEY.fullmatch(login.password):
        return replace(login, password="", session_key=login.password)
    if filled is None or login.password:
        return login
    is_as_filled = (login.server, login.user) == (filled.server, filled.user)
    return replace(login, session_key=filled.session_key) if is_as_filled else login


def _line_edit(placeholder: str, tip: str) -> QLineEdit:
    line = QLineEdit()
    line.setPlaceholderText(placeholder)
    line.setToolTip(tip)
    return line


def _is_empty(widget: QWidget) -> bool:
    text = widget.currentText() if isinstance(widget, QComboBox) else widget.text()
    return not text.strip()
