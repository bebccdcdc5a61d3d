"""What a bot is, with no database: language, forms, units, recurrence, messages, and the channels to each app.

Only `bot/channels/` talks to the outside; everything else here is pure.
"""
