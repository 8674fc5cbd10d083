"""How gunicorn runs OMERO.web: read by gunicorn, in the environment of OMERO.web.

The sandbox starts gunicorn with a listening socket and with a pipe as its input,
whose end says that OMERO.web is to stop: it comes however the starter ended.
"""

from __future__ import annotations

import os
import signal
import threading
from typing import Any

# One process, so that what OMERO.web keeps in memory is the same for all requests;
# a page of thumbnails asks for a dozen things at once.
workers = 1
worker_class = "gthread"
threads = 12
# Exports and big tables take their time.
timeout = 600
graceful_timeout = 5
keepalive = 5
accesslog = "-"
# Else it makes a folder for orders in the user's home.
control_socket_disable = True


def when_ready(server: Any) -> None:
    """Watch the input from now on."""
    threading.Thread(target=_stop_with_input, daemon=True).start()


def _stop_with_input() -> None:
    # Not sys.stdin, whose lock a thread at work would hold when Python ends.
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
