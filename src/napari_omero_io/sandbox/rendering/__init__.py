"""Rendering: from pixels to pictures, by OMERO's rules and default settings."""
