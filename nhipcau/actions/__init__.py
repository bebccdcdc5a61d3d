"""What the office decides, each decision once: pure functions that chat and command line only put into words."""
