"""The command line: one file a family of commands. Each command returns when its work is in the database."""
