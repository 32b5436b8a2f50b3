"""Pure: decides what the car may draw. No clock, no I/O, no log."""
