"""What a bot is, with no database and no network: events, messages, forms, the engine that walks them, the texts.

Only `bot/channels/` talks to the outside; everything else here is pure and may be imported by anyone.
"""
