"""What happens without anybody asking: delivery (`sender.py`), due moments and retention (`clock.py`)."""
