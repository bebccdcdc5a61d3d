"""The command line, one file a family; `cli.py` puts them together. Each returns when its work is in the database."""
