"""What happens at a set time: requests open and close, rules make requests, old data is deleted."""
