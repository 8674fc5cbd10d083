"""Links that are opened without naming a plugin are opened by this one.

``viewer.open(LINK)`` asks napari's own readers, which take no such address, and with
``plugin=None`` it gives up where a second plugin claims the link, as napari-omero
claims all that contains "omero".  The command line, the clipboard and drops that are
not taken before (`drops`) go through ``Viewer.open``, too, from napari 0.6 to 0.9, and
ask the user then.  So that is where links are kept for this plugin.

A plugin that is named is used, and so is one that the user prefers in napari's
settings, which are never changed from here.
"""

from __future__ import annotations

import functools
import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_omero_io.errors import BadReference
from napari_omero_io.plugin.menus import PLUGIN
from napari_omero_io.refs import SecretIgnored

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari_omero_io.refs import OmeroRef

#: What cannot be the name of a file: ``314`` and ``image-314`` may well be.
_LINK = re.compile(r"omero(\+\w+)?:|https?://|urn:lsid:|[a-z/]+:[\d\s,-]+$", re.I)
#: ``Image:1,5-9``, the form in which OMERO's programs name objects.
_PROXY = re.compile(r"[a-z/]+:[\d\s,-]+$", re.I)
_NOWHERE = re.compile(r"omero:///(?P<kind>\w+)/(?P<id>\d+)")


def take_links(viewer_class: Any) -> Callable[[], None]:
    """Let a class of viewers open links with this plugin where none is named.

    Returns
    -------
    Callable
        Undoes it.
    """
    own = vars(viewer_class).get("open")
    before = viewer_class.open

    @functools.wraps(before)
    def open_path(viewer: Any, path: Any, **options: Any) -> Any:
        if options.get("plugin") is None:
            links = find_links(path)
            if links:
                path, options["plugin"] = links, PLUGIN
        return before(viewer, path, **options)

    def undo() -> None:
        if vars(viewer_class).get("open") is not open_path:
            return  # somebody else has wrapped it since
        if own is None:
            del viewer_class.open
        else:
            viewer_class.open = own

    viewer_class.open = open_path
    return undo


def find_links(path: str | Path | Sequence[str | Path]) -> list[str]:
    """Give what is to be opened as addresses that npe2 lets through to our reader.

    Returns
    -------
    list of str
        None of them if anything is not for us: a file, an address that only others
        claim, or one for which the user prefers another plugin.

    Warns
    -----
    SecretIgnored
        A link carried a password or key, which the address does not.
    """
    paths = [path] if isinstance(path, str | Path) else list(path)
    links = [_find_addresses(each) for each in paths]
    return [address for found in links for address in found] if all(links) else []


def _find_addresses(path: object) -> list[str]:
    if not isinstance(path, str) or not _LINK.match(path) or _is_file(path):
        return []
    claimants = _list_claimants(path)
    is_ours = PLUGIN in claimants or not claimants or path.lower().startswith("omero")
    if not is_ours or _is_for_another(path, claimants):
        return []
    try:
        refs, warned = _parse(path)
    except BadReference:
        # what begins like ours is refused by our reader, whose sentence says why
        is_claimed = PLUGIN in claimants and path.startswith("omero")
        return [path] if is_claimed else []
    if PLUGIN in claimants and not warned and not path.startswith("omero:///"):
        return [path]
    if _PROXY.match(path):
        return [f"omero://{path}"]
    return [_write_address(ref) for ref in refs]


def _is_file(path: str) -> bool:
    try:
        return Path(path).exists()
    except (OSError, ValueError):  # links may be longer than the names of files
        return False


def _parse(path: str) -> tuple[list[OmeroRef], bool]:
    """Read a link, and say whether that gave a warning."""
    from napari_omero_io.plugin.sessions import read_references

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", SecretIgnored)
        refs = read_references(path)
    for each in caught:
        warnings.warn(each.message, stacklevel=2)
    return refs, bool(caught)


def _list_claimants(path: str) -> set[str]:
    from npe2 import PluginManager

    readers = PluginManager.instance().iter_compatible_readers([path])
    return {reader.plugin_name for reader in readers}


def _is_for_another(path: str, claimants: set[str]) -> bool:
    from napari.plugins.utils import get_preferred_reader

    return get_preferred_reader(path) in claimants - {PLUGIN}


def _write_address(ref: OmeroRef) -> str:
    """Write a reference with what napari wants after ``omero://``: a host or object."""
    return _NOWHERE.sub(r"omero://\g<kind>:\g<id>", str(ref))
