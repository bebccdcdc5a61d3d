"""What decide reads and writes, in plain frozen data: people, what is stored (`records.py`), needs (`loads.py`),
changes (`writes.py`). No I/O."""
