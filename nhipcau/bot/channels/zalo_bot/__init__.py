"""The Zalo Bot Platform channel."""
