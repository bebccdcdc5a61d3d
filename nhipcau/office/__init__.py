"""Reads an office's files (requests, lessons, rosters, unit lists) and writes the tables it exports."""
