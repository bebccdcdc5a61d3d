"""Masking, sealing, tags, suppression, and cleaning of pictures and documents. No database."""
