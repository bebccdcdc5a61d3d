"""Reads an office's files (requests, lessons, rosters, unit lists) and writes the tables, cards and
documents it gives out."""
