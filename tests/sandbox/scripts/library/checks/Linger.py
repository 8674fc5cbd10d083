"""Start another process, tell of both, and sleep; stubborn if asked to be."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import omero.scripts as scripts
from omero.rtypes import rstring

client = scripts.client(
    "Linger.py",
    "Sleeps.",
    scripts.String("Tell", optional=False, description="A file for process ids."),
    scripts.Bool("Stubborn", default=False),
    scripts.Bool("Return", default=False),
)
values = client.getInputs(unwrap=True)
if values["Stubborn"]:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(600)"])
client.setOutput("Environment", rstring(" ".join(sorted(os.environ))))
client.setOutput("Folder", rstring(str(Path.cwd())))
draft = Path(values["Tell"] + ".part")
draft.write_text(f"{os.getpid()} {child.pid} {Path.cwd()}")
draft.replace(values["Tell"])
if not values["Return"]:
    time.sleep(600)
