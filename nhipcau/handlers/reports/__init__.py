"""Reports: filing and following one's own, and what the office does with reports and issues."""
