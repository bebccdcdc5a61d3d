"""The command line, one file a family of commands. A command returns once its work is committed."""
