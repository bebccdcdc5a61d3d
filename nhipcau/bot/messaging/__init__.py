"""Events, messages and the contract of a channel: what handlers and apps exchange."""
