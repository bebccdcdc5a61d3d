"""The tree of units, and the names places had before July 2025."""
