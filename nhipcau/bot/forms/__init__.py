"""Forms as data, and the engine that asks their questions."""
