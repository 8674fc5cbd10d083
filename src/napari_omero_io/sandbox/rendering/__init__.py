"""From pixels to the colours of a screen, by OMERO's rules."""
