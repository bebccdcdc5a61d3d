"""Joining, linking another app, own data and rights, the network of a unit, handing over to a successor."""
