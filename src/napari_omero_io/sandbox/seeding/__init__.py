"""Example content for an empty sandbox: people, containers, real images."""
