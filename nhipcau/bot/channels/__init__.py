"""One module per app; each turns its app into events and messages, and none knows another."""
