"""Exit 0 when the server that OMERO_URL names lets OMERO_USER in."""

from __future__ import annotations

import os
import sys

import Ice
import omero.clients

client = omero.client(os.environ["OMERO_URL"])
try:
    client.createSession(os.environ["OMERO_USER"], os.environ["OMERO_PASSWORD"])
except Ice.Exception as error:
    sys.exit(f"not yet: {type(error).__name__}")
finally:
    client.__del__()
