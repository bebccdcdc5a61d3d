"""The channels: one package for each app. No channel imports another."""
