"""Effects inside the caller's transaction: ask, remind, notify, correct, report back, and commit what was decided."""
