"""Events, messages and the contract of a channel."""
