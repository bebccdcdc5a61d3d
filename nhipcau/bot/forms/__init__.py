"""Forms as data, and the one engine that asks their questions."""
