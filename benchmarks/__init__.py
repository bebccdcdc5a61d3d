"""Each benchmark beside its peer in one run: `make bench`. Machines are noisy, so read the ratios."""
