"""One conversation with one OMERO server.

The only place beside the sandbox that knows Ice and OMERO's types; what it hands out
are frozen records, numpy arrays and errors of `napari_omero_io.errors`.  `connect` is
the door.  Without Ice every module that needs it raises `MissingIce` when imported.
"""
