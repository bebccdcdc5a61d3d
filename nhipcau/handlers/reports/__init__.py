"""Reports and issues: file, follow and reply; for coordinators, read, answer and merge."""
