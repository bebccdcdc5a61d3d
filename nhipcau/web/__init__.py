"""HTTP: the web chat, webhooks, files at signed addresses, OAuth, health, and the demonstration page."""
