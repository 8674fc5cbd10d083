"""File > Import > OMERO… and File > Export > OMERO…, from napari's start on.

And what is said of the view: in the context menu of layers and the command palette.

A manifest may not contribute to the File menu itself: npe2 drops such entries
without a word.  But the registry of menus is a public object of app-model, and the
entry point of the manifest is a dotted name, so that npe2 imports the parent package
while it discovers plugins, before the first window exists.  The package's
``__init__`` calls `arm` then.

Nothing heavy is imported here: the actions name their callbacks as text.  If
anything fails it is logged, and the entries in File > IO Utilities remain.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from app_model import Application

#: Name of the distribution and of the manifest.
PLUGIN = "napari-omero-io"

_IMPORT_MENU = "napari_omero_io/import"
_EXPORT_MENU = "napari_omero_io/export"

#: napari's context menu of a layer.
_LAYER_MENU = "napari/layers/context"
#: Function in `commands`, title and explanation of what concerns the view.  napari's
#: command palette shows the titles alone, so they name OMERO.
_VIEW_ACTIONS = (
    (
        "copy_link",
        "Copy OMERO link to this view",
        "A link that opens this image at this place and with these colours in napari",
    ),
    (
        "copy_web_link",
        "Copy OMERO.web link to this view",
        "An address that opens the same view in a browser, and in napari",
    ),
    (
        "switch_rendering",
        "Switch OMERO image between pixels and rendered picture",
        "Rendered pictures are for slow lines; the view stays as it is",
    ),
)

logger = logging.getLogger(__name__)


class FileMenus:
    """The entries in napari's File menu, there while the plugin is enabled."""

    def __init__(self) -> None:
        self._armed = False
        self._dispose: Callable[[], None] | None = None

    def arm(self) -> None:
        """Follow npe2's news about plugins; safe to call again."""
        if self._armed:
            # The first call may have been before napari's application existed.
            self._on_plugins_changed()
            return
        from npe2 import PluginManager

        events = PluginManager.instance().events
        # napari makes its application when it hears of plugins, so let it hear first
        events.plugins_registered.connect(self._on_plugins_changed, priority=-1)
        events.enablement_changed.connect(self._on_plugins_changed)
        self._armed = True
        self._on_plugins_changed()

    def disarm(self) -> None:
        """Remove the entries and stop following npe2."""
        if not self._armed:
            return
        from npe2 import PluginManager

        events = PluginManager.instance().events
        events.plugins_registered.disconnect(self._on_plugins_changed)
        events.enablement_changed.disconnect(self._on_plugins_changed)
        self._armed = False
        if self._dispose is not None:
            self._dispose()
            self._dispose = None

    def _on_plugins_changed(self, *_: object) -> None:
        try:
            self._update()
        except Exception:
            # napari must start whatever a later version of it thinks of this.
            logger.exception("The OMERO entries of the File menu could not be made")

    def _update(self) -> None:
        if "app_model" not in sys.modules:  # npe2 on its own, without napari
            return
        from app_model import Application
        from npe2 import PluginManager

        app = Application.get_app("napari")
        plugins = PluginManager.instance()
        wanted = (
            app is not None and PLUGIN in plugins and not plugins.is_disabled(PLUGIN)
        )
        if wanted and self._dispose is None:
            assert app is not None
            dispose, give_back = install(app), _take_links()

            def undo() -> None:
                give_back()
                dispose()

            self._dispose = undo
            _accept_links_when_there_is_a_window(app)
        elif not wanted and self._dispose is not None:
            self._dispose()
            self._dispose = None


def install(app: Application) -> Callable[[], None]:
    """Put the entries into the menus of an application.

    Returns
    -------
    Callable
        Takes them out again.
    """
    from app_model.expressions import parse_expression
    from app_model.types import Action, KeyBindingRule, MenuRule, SubmenuItem

    any_layer = parse_expression("num_layers > 0")
    submenus = app.menus.append_menu_items(
        [
            (
                "napari/file",
                SubmenuItem(
                    submenu=_IMPORT_MENU, title="Import", group="1_open", order=101
                ),
            ),
            (
                "napari/file",
                SubmenuItem(
                    submenu=_EXPORT_MENU,
                    title="Export",
                    group="4_save",
                    order=-1,
                    enablement=any_layer,
                ),
            ),
        ]
    )
    import_action = app.register_action(
        Action(
            id=f"{PLUGIN}.file_import",
            title="OMERO…",
            tooltip="Browse an OMERO server and open images",
            callback="napari_omero_io.plugin.commands:import_dialog",
            menus=[MenuRule(id=_IMPORT_MENU)],
            keybindings=[KeyBindingRule(primary="Ctrl+Shift+I")],
        )
    )
    export_action = app.register_action(
        Action(
            id=f"{PLUGIN}.file_export",
            title="OMERO…",
            tooltip="Save layers to an OMERO server",
            callback="napari_omero_io.plugin.commands:export_dialog",
            menus=[MenuRule(id=_EXPORT_MENU)],
            keybindings=[KeyBindingRule(primary="Ctrl+Shift+E")],
            enablement=any_layer,
        )
    )

    view_actions = [
        app.register_action(
            Action(
                id=f"{PLUGIN}.{name}",
                title=title,
                tooltip=tip,
                callback=f"napari_omero_io.plugin.commands:{name}",
                menus=[MenuRule(id=_LAYER_MENU, group="4_copy_spatial")],
                enablement=any_layer,
            )
        )
        for name, title, tip in _VIEW_ACTIONS
    ]

    def dispose() -> None:
        for undo in (*view_actions, export_action, import_action, submenus):
            undo()

    return dispose


def _take_links() -> Callable[[], None]:
    """Open links that name no plugin; see `precedence`."""
    from napari.viewer import Viewer

    from napari_omero_io.plugin.precedence import take_links

    return take_links(Viewer)


def _accept_links_when_there_is_a_window(app: Application) -> None:
    """Let links be dropped on the first window, soon after it is shown.

    Plugins are discovered before there is any window; napari fills its menus while it
    makes one.
    """

    def look(*_: object) -> None:
        widgets = sys.modules.get("qtpy.QtWidgets")
        if widgets is None or widgets.QApplication.instance() is None:
            return
        app.menus.menus_changed.disconnect(look)
        from qtpy.QtCore import QTimer

        QTimer.singleShot(0, _accept_links)

    app.menus.menus_changed.connect(look)
    look()


def _accept_links() -> None:
    try:
        from napari_omero_io.plugin.drops import accept_links
        from napari_omero_io.plugin.listening import listen

        accept_links()
        listen()
    except Exception:
        logger.exception("Links cannot be handed to napari")


_FILE_MENUS = FileMenus()


def arm() -> None:
    """Put the entries into the File menu as soon as napari can take them."""
    try:
        _FILE_MENUS.arm()
    except Exception:
        logger.exception("The OMERO entries of the File menu could not be prepared")
