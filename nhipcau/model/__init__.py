"""What handlers read and decide, as plain frozen data: records, queries and changes. No I/O."""
