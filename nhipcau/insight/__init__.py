"""Results of polls, comparisons, and charts of them."""
