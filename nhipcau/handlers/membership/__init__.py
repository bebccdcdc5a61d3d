"""Joining, linking another app, one's own data and rights, the network of a unit, and handing over to a successor."""
