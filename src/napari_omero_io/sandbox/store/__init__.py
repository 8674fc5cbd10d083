"""What is kept on disk: metadata, pixels, files."""
