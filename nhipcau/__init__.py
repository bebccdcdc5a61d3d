"""Nhịp Cầu: collaborators tell what concerns people, coordinators ask, and both hear what came of it."""
