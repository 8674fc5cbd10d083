"""An OMERO server in Python: for one machine, for trials and tests.

It speaks OMERO's own protocol and shares no code with the client.
"""
