"""Plain data shared by all layers: records, queries and changes; and what of a poll may be shown. No I/O."""
