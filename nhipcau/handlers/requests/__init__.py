"""Polls, rapid requests, duties and notices: compose, answer, follow, read results."""
