"""Driven adapters: stores, transports, blob stores. Importing this package imports none of them."""
