"""Tiles of a server as arrays: what to fetch, where to keep it, how to read it."""
