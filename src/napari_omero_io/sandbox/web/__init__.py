"""OMERO.web, unmodified, in front of a sandbox or of any other OMERO server."""
