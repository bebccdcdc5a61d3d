"""Plain data shared by all layers: records, queries and changes. No I/O."""
