"""The fault matrix: the service as a process of its own between real sockets, while one thing after another fails."""
