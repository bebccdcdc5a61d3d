"""The built-in web chat, its demonstration page, and what tells others how the service is doing."""
