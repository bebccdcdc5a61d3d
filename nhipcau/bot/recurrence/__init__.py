"""Recurrence rules, and working days."""
