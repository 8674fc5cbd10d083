"""Image files: what they hold, and how it becomes images of the sandbox."""
