"""What protects people: masking, sealing, tags, suppression, pictures, terms of keeping. No database here."""
