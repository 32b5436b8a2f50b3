"""Does anything grow? A month in virtual time, and hundreds of reconnections on real sockets."""
