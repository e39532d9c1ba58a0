"""Driving adapters: one module per framework, each two translations around ``receive``. Imported by name only."""
