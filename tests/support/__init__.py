"""What tests share: offices with people in them, apps' stand-ins, processes, databases, a browser."""

from pathlib import Path

#: Files of cases and rosters that tests read.
DATA = Path(__file__).parent / "data"
