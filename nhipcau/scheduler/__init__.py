"""What happens at a moment, without anybody acting: requests open and close, rules come due, old data is deleted."""
