"""The control API: what a test in another process may ask of the emulator."""
