"""One package for each app. A channel turns its app into events and messages, and imports no other channel."""
