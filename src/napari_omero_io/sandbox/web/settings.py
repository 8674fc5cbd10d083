"""What OMERO.web is told, written where it looks: ``etc/grid/config.xml``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

#: The application, the view that opens images, and what the menu "Open with" shows.
_IVIEWER = {
    "omero.web.apps": ["omero_iviewer"],
    "omero.web.viewer.view": "omero_iviewer.views.index",
    "omero.web.open_with": [
        [
            "Image viewer",
            "webgateway",
            {
                "supported_objects": ["image"],
                "script_url": "webclient/javascript/ome.openwith_viewer.js",
            },
        ],
        [
            "omero_iviewer",
            "omero_iviewer_index",
            {
                "supported_objects": ["images", "dataset", "well"],
                "script_url": "omero_iviewer/openwith.js",
                "label": "OMERO.iviewer",
            },
        ],
    ],
}

#: OMERO.web's own choice of middleware, and before it what serves the static files:
#: a laboratory has a web server in front that does.
_MIDDLEWARE = (
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.common.BrokenLinkEmailsMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
)


def write_settings(
    folder: Path, host: str, port: int, static_files: Path, *, iviewer: bool = True
) -> None:
    """Write the settings of one OMERO.web, whose ``OMERODIR`` the folder is.

    Parameters
    ----------
    host, port
        Of the OMERO server, its port for secure connections.
    static_files
        Where the files that pages load are, or will be gathered.
    iviewer
        Open images in OMERO.iviewer rather than in OMERO.web's own viewer.
    """
    grid = folder / "etc" / "grid"
    grid.mkdir(parents=True, exist_ok=True)
    path = grid / "config.xml"
    path.write_bytes(_as_xml(_choose(host, port, static_files, iviewer=iviewer)))
    path.chmod(0o600)


def _choose(
    host: str, port: int, static_files: Path, *, iviewer: bool
) -> dict[str, str]:
    settings: dict[str, object] = {
        "omero.web.server_list": [[host, port, "sandbox"]],
        "omero.web.secure": "true",
        "omero.web.static_root": str(static_files),
        "omero.web.middleware": [
            {"index": index, "class": name} for index, name in enumerate(_MIDDLEWARE)
        ],
        # A page of somewhere else that resolves to this machine gets nothing.
        "omero.web.allowed_hosts": ["127.0.0.1", "localhost"],
        # Nothing leaves this machine: no reports of errors, no question for updates,
        # no list of other clients.
        "omero.web.feedback.comment.enabled": "false",
        "omero.web.feedback.error.enabled": "false",
        "omero.web.upgrades.url": "",
        "omero.web.login.show_client_downloads": "false",
    }
    if iviewer:
        settings |= _IVIEWER
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in settings.items()
    }


def _as_xml(settings: Mapping[str, str]) -> bytes:
    """Write settings in the form of ``omero config``: one profile, 'default'."""
    root = ElementTree.Element("icegrid")
    meta = ElementTree.SubElement(root, "properties", id="__ACTIVE__")
    _add(meta, "omero.config.version", "5.1.0")
    _add(meta, "omero.config.profile", "default")
    default = ElementTree.SubElement(root, "properties", id="default")
    _add(default, "omero.config.version", "5.1.0")
    for name, value in settings.items():
        _add(default, name, value)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def _add(parent: ElementTree.Element, name: str, value: str) -> None:
    ElementTree.SubElement(parent, "property", name=name, value=value)
