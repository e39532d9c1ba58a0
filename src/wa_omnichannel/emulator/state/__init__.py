"""What the emulated account holds: records, people, templates, time and the faults to come."""
