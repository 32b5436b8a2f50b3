"""A virtual house that speaks the real protocols on loopback."""
