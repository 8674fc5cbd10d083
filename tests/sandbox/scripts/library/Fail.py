"""Fail after the parameters were told."""

import omero.scripts as scripts

client = scripts.client("Fail.py", "Fails.")
print("before")
raise RuntimeError("on purpose")
