"""Effects inside the caller's transaction: send requests, reminders and notifications, and apply decided changes."""
