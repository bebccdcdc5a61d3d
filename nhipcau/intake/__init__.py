"""The way in: the queue of events, files fetched beforehand, and the one transaction for a batch of events."""
