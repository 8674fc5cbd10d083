"""A user's session on a server, in parts: each file holds one side of `Session`."""

from .references import Arrangement as Arrangement
from .references import Reference as Reference
from .references import parse_reference as parse_reference
from .session import Session as Session
from .session import find_session as find_session
from .session import list_sessions as list_sessions
from .session import open_disk_cache as open_disk_cache
