"""What this process counts for `/metrics`. Labels are fixed words: never an address, a name, a token or a text.

Of what people do only the number of events is counted, never which kind of thing they did.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram

REGISTRY = CollectorRegistry()
#: Names of the lanes of the outbox, in order.
LANES = ("reply", "urgent", "reminder", "broadcast")

EVENTS = Counter("nhipcau_events", "Events committed", ["channel"], registry=REGISTRY)
FAILED = Counter("nhipcau_events_failed", "Events that ended in a sorry", ["channel", "error"], registry=REGISTRY)
LAG = Histogram(
    "nhipcau_event_lag_seconds",
    "Seconds from the moment an app says something was written until it was committed",
    ["channel"],
    buckets=(1, 2, 5, 10, 30, 60, 300, 3600),
    registry=REGISTRY,
)
BATCH = Histogram(
    "nhipcau_batch_events", "Events of one transaction", buckets=(1, 2, 5, 10, 20, 50, 100, 200), registry=REGISTRY
)
COMMIT = Histogram(
    "nhipcau_batch_seconds",
    "Seconds of one inbound transaction",
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5, 30),
    registry=REGISTRY,
)
SENT = Counter("nhipcau_messages_sent", "Messages an app has taken", ["channel", "lane"], registry=REGISTRY)
UNSENT = Counter("nhipcau_send_failures", "Tries that failed", ["channel", "reason"], registry=REGISTRY)
WAITED = Histogram(
    "nhipcau_delivery_seconds",
    "Seconds from the moment a message was due until an app had taken it",
    ["lane"],
    buckets=(0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 30, 60, 600, 3600),
    registry=REGISTRY,
)
WRONG_CODES = Counter("nhipcau_wrong_codes", "Codes typed or opened that no invitation has", registry=REGISTRY)
LOOPS = Counter("nhipcau_loop_failures", "Rounds of a loop that failed", ["loop", "error"], registry=REGISTRY)
