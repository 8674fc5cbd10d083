"""The server's records to napari's layer data and back.  Pure functions."""
