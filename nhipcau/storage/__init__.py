"""The database: tables, one file of queries for each family of tables, the outbox, backup and retention.

Query functions take a connection first, never commit (only `database.py` does), and work on sets.
"""
