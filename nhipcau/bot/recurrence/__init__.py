"""Rules of repetition, and the working days they respect."""
