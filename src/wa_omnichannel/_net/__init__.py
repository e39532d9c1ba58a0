"""HTTP as the transports need it: bounded in time, never repeating, nothing shared, nothing shown."""
