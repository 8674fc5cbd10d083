"""Regions of interest: which pixels lie in shapes, and what is measured there."""
