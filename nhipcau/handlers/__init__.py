"""Decides how to answer what a person did. Pure: no database, no network, no clock, no random numbers.

`router.py` finds the handler; a handler returns messages to send and changes to apply.
"""
