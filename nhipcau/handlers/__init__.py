"""Decides what follows from what a person did. Pure: no database, no network, no clock, no random numbers.

`router.py` finds the handler; each handler returns messages to send and changes to write.
"""
