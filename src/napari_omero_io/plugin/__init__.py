"""napari's side of the program: entry points, menus, viewers.  Thin.

This package holds the manifest ``napari.yaml``.  Its modules are imported when
napari calls them, except `menus`, which is armed at start-up.
"""
