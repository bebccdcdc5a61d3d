"""Nhịp Cầu: collaborators tell what concerns people, coordinators ask, and both hear what came of it."""

__version__ = "0.1.0"
