"""The database: tables, one file of queries for each family of tables, the outbox, backup and retention.

Query functions take a connection as their first argument, work on sets of rows, and never commit: only `database.py`
does.
"""
