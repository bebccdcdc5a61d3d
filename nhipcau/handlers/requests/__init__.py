"""Polls, rapid requests, duties and notices: composing, answering, progress and results."""
