"""What decide reads and writes, in plain frozen data: people, needs (`loads.py`), changes (`writes.py`). No I/O."""
