"""Any text a user may paste → references to objects on a server, and back.

::

    OmeroRef.parse("https://omero.example.org/webclient/?show=image-314")
    str(OmeroRef.parse("Image:314", default_server="localhost:4064"))
        → "omero://localhost:4064/image/314"

`reference` holds the reference and its canonical form, `parse` decides which form a
text has, `texts` and `weblinks` read the forms, `targets` and `view` are what they
find, `address` is what a user may write for a server.  Nothing here asks a server.
"""

from .address import DEFAULT_PORTS, ServerAddress, resolve_alias
from .reference import OmeroRef, gather, write_link
from .targets import KINDS, SecretIgnored, read_kind
from .view import ChannelView, Projection, View, write_channels
from .weblinks import write_weblink

__all__ = [
    "DEFAULT_PORTS",
    "KINDS",
    "ChannelView",
    "OmeroRef",
    "Projection",
    "SecretIgnored",
    "ServerAddress",
    "View",
    "gather",
    "read_kind",
    "resolve_alias",
    "write_channels",
    "write_link",
    "write_weblink",
]
