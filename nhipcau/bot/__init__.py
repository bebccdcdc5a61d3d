"""Everything of the bot that needs no database: language, forms, units, recurrence, messages, and the channels.

Only `bot/channels/` has input and output; everything else here is pure.
"""
