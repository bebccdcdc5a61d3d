"""The tree of units, and the names of places before July 2025."""
