"""JSON over HTTP/1.1, as every channel calls its app."""
