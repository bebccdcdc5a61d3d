"""Figures of a period and trends, for coordinators and leaders."""
