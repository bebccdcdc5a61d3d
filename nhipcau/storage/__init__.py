"""What is kept: tables, the one place that begins and commits (`db.py`), and one file of set-based queries a family.

Query functions take a connection first, never commit, and work on sets.
"""
