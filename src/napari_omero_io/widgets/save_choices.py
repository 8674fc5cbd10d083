"""What to export, where to, and what would be made of it.

Emits the user's choice whenever it changes and shows the answer; it decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from qtpy.QtCore import QSize, Qt, QTimer, Signal
from qtpy.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QCompleter,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from .icons import load_icon, read_theme
from .message import MessageBar, make_plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_omero_io.records import ObjectRecord
    from napari_omero_io.save.plan import PlanRow

#: Milliseconds without a change after which a new preview is asked for.
_REST = 200


_EXACTLY = Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchCaseSensitive


@dataclass(frozen=True, slots=True)
class LayerRow:
    """A layer that could be exported."""

    name: str
    kind: str
    is_selected: bool = True


@dataclass(frozen=True, slots=True)
class ExportChoice:
    """What the user wants exported, and where to.

    Attributes
    ----------
    layers
        Positions in the list that was offered.
    dataset
        An existing one, or None for a new one.
    new_name
        Name of the new dataset.
    project
        Project of the new dataset, None for none.
    labels_on_new_image
        Draw labels on the new image rather than on the one they were painted on.
    """

    layers: tuple[int, ...]
    dataset: ObjectRecord | None = None
    new_name: str = ""
    project: ObjectRecord | None = None
    labels_on_new_image: bool = False


class ChoicesPage(QWidget):
    """Tick layers, choose a dataset, read what will be made.

    Signals
    -------
    preview_wanted(ExportChoice)
        Answer with `show_preview` or `show_refusal`.
    export_requested(ExportChoice)
    close_requested()
    """

    preview_wanted = Signal(object)
    export_requested = Signal(object)
    close_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._datasets: list[ObjectRecord] = []
        self._projects: list[ObjectRecord] = []
        self._kinds: list[str] = []
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST)
        self._rest.timeout.connect(self._ask_preview)
        self._build_layers()
        self._build_target()
        self._build_preview()
        self._arrange()
        self._connect()
        self.refresh_looks()
        self.ask_again()

    # -- what it is told ---------------------------------------------------------

    def set_layers(self, rows: Sequence[LayerRow]) -> None:
        """Offer these layers; the selected ones are ticked."""
        self._kinds = [row.kind for row in rows]
        self.layers.blockSignals(True)
        self.layers.clear()
        for row in rows:
            drawing = "labels" if row.kind == "labels" else "image"
            item = QListWidgetItem(load_icon(drawing, 16), row.name)
            item.setFlags(
                Qt.ItemFlag.ItemIsEnabled
                | Qt.ItemFlag.ItemIsUserCheckable
                | Qt.ItemFlag.ItemIsSelectable
            )
            item.setCheckState(_check(row.is_selected))
            item.setToolTip(make_plain(f"{row.name}: {row.kind} layer"))
            self.layers.addItem(item)
        self.layers.blockSignals(False)
        self.ask_again()

    def set_targets(
        self, datasets: Sequence[ObjectRecord], projects: Sequence[ObjectRecord]
    ) -> None:
        """Offer the datasets and projects that the user may put something into."""
        self._datasets = list(datasets)
        self._projects = list(projects)
        self.dataset.clear()
        self.dataset.addItems([f"{d.name}  ({d.id})" for d in datasets])
        self.project.clear()
        self.project.addItem("No project")
        self.project.addItems([f"{p.name}  ({p.id})" for p in projects])
        self.into_existing.setEnabled(bool(datasets))
        if not datasets:
            self.into_new.setChecked(True)
        self.ask_again()

    def show_preview(self, rows: Sequence[PlanRow]) -> None:
        """Say what would be made; allow the export."""
        theme = read_theme()
        self.preview.setText(
            "".join(_describe_row(row, theme.dim_text) for row in rows)
        )
        self.message.say("")
        self.export.setEnabled(True)

    def show_refusal(self, text: str, tone: str = "error") -> None:
        """Say why this cannot be exported."""
        self.preview.setText("")
        self.message.say(text, tone)  # type: ignore[arg-type]
        self.export.setEnabled(False)

    def ticked_layers(self) -> tuple[int, ...]:
        """Give the positions of the layers that are ticked."""
        return tuple(
            row
            for row in range(self.layers.count())
            if self.layers.item(row).checkState() == Qt.CheckState.Checked
        )

    def ask_again(self) -> None:
        """Ask for a fresh preview; until it is there, nothing can be exported."""
        is_new = self.into_new.isChecked()
        self.dataset.setEnabled(not is_new)
        self.new_name.setEnabled(is_new)
        self.project.setEnabled(is_new)
        kinds = {self._kinds[row] for row in self.ticked_layers()}
        self.on_new_image.setVisible({"image", "labels"} <= kinds)
        self.export.setEnabled(False)
        self._rest.start()

    def refresh_looks(self) -> None:
        """Take the colours of the theme that is shown now."""
        theme = read_theme()
        panel = f"background-color: {theme.panel}; border-radius: 4px;"
        self.layers.setStyleSheet(
            f"QListWidget {{ {panel} padding: 4px; }}"
            f" QListWidget::indicator:unchecked {{ background-color: {theme.border};"
            f" border-radius: 2px; }}"
        )
        self.export.setStyleSheet(theme.primary_button)
        self._area.setStyleSheet(
            f"QScrollArea {{ {panel} }} QScrollArea QWidget {{ {panel} }}"
        )
        self.message.refresh_looks()

    # -- inside ------------------------------------------------------------------

    def _build_layers(self) -> None:
        self.layers = QListWidget()
        self.layers.setMinimumHeight(70)
        self.layers.setIconSize(QSize(16, 16))
        self.layers.setAccessibleName("Layers to export")
        self.on_new_image = QCheckBox("Put labels on the new image")
        self.on_new_image.setToolTip(
            "Otherwise labels become regions of the image they were painted on"
        )

    def _build_target(self) -> None:
        self.into_existing = QRadioButton("Existing dataset")
        self.into_new = QRadioButton("New dataset")
        self.dataset = _combo_box(
            "Datasets that you may put images into; type a part of the name"
        )
        _make_searchable(self.dataset)
        self.new_name = QLineEdit()
        self.new_name.setPlaceholderText("Name of the new dataset")
        self.project = _combo_box("Project that the new dataset is put into")
        self._ways = QButtonGroup(self)
        self._ways.addButton(self.into_existing)
        self._ways.addButton(self.into_new)
        self.into_existing.setChecked(True)

    def _build_preview(self) -> None:
        self.preview = QLabel()
        self.preview.setTextFormat(Qt.TextFormat.RichText)
        self.preview.setWordWrap(True)
        self.preview.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.preview.setContentsMargins(8, 6, 8, 6)
        self._area = QScrollArea()
        self._area.setWidget(self.preview)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setMinimumHeight(110)
        self.message = MessageBar()
        self.export = QPushButton("Export")
        self.export.setDefault(True)
        self.export.setMinimumWidth(90)
        self.close_button = QPushButton("Close")
        self.close_button.setAutoDefault(False)

    def _arrange(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(10)
        form.setVerticalSpacing(6)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.addRow(self.into_existing, self.dataset)
        form.addRow(self.into_new, self.new_name)
        form.addRow("     in project", self.project)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        buttons.addWidget(self.export)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(_heading("Layers"))
        layout.addWidget(self.layers, 2)
        layout.addWidget(self.on_new_image)
        layout.addWidget(_heading("Where to"))
        layout.addLayout(form)
        layout.addWidget(_heading("What will be made"))
        layout.addWidget(self._area, 3)
        layout.addWidget(self.message)
        layout.addLayout(buttons)

    def _connect(self) -> None:
        for signal in (
            self.layers.itemChanged,
            self._ways.buttonToggled,
            self.dataset.currentIndexChanged,
            self.dataset.editTextChanged,
            self.project.currentIndexChanged,
            self.new_name.textChanged,
            self.on_new_image.toggled,
        ):
            signal.connect(lambda *_: self.ask_again())
        self.export.clicked.connect(self._submit)
        self.close_button.clicked.connect(self.close_requested)

    def _choice(self) -> ExportChoice | str:
        """Give the choice, or what is missing from it."""
        layers = self.ticked_layers()
        if not layers:
            return "Tick at least one layer to export."
        on_new = self.on_new_image.isVisibleTo(self) and self.on_new_image.isChecked()
        if self.into_new.isChecked():
            name = self.new_name.text().strip()
            row = self.project.currentIndex()
            project = self._projects[row - 1] if row > 0 else None
            if not name:
                return "Write a name for the new dataset."
            return ExportChoice(layers, None, name, project, on_new)
        # What is half typed is no choice, though the box keeps its last row.
        row = self.dataset.findText(self.dataset.currentText(), _EXACTLY)
        if row < 0:
            return "Choose a dataset."
        return ExportChoice(layers, self._datasets[row], labels_on_new_image=on_new)

    def _ask_preview(self) -> None:
        choice = self._choice()
        if isinstance(choice, str):
            self.show_refusal(choice, "plain")
        else:
            self.preview_wanted.emit(choice)

    def _submit(self) -> None:
        choice = self._choice()
        if isinstance(choice, ExportChoice):
            self.export_requested.emit(choice)


def _describe_row(row: PlanRow, dim: str) -> str:
    notes = "".join(f"<br>⚠ {escape(note)}" for note in row.notes)
    return (
        f'<p style="margin: 0 0 6px 0"><b>{escape(row.name)}</b> '
        f'<span style="color: {dim}">{escape(row.kind)}</span><br>'
        f"{escape(row.detail)}{notes}</p>"
    )


def _check(is_checked: bool) -> Qt.CheckState:
    return Qt.CheckState.Checked if is_checked else Qt.CheckState.Unchecked


def _make_searchable(box: QComboBox) -> None:
    """Let a user type any part of a name, and offer what holds it."""
    box.setEditable(True)
    box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    completer = box.completer()
    completer.setFilterMode(Qt.MatchFlag.MatchContains)
    completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
    completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)


def _combo_box(tip: str) -> QComboBox:
    box = QComboBox()
    box.setToolTip(tip)
    box.setMinimumContentsLength(10)
    box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    box.setSizeAdjustPolicy(
        QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
    )
    return box


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    font = label.font()
    font.setBold(True)
    label.setFont(font)
    return label
