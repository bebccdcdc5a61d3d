"""The way out: takes messages from the outbox and sends them, at the rate each app allows."""
