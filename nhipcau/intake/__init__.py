"""Receiving: the queue of events, download of their files, and the one transaction for a batch of events."""
