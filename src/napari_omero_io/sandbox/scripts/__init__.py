"""Scripts: files that the server runs for its users, and the jobs that run them."""
