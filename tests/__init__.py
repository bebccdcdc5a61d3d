"""Tests: the quick part runs in seconds, the rest is marked slow."""
