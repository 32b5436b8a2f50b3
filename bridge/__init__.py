"""Keeps an electric car charging as fast as the main fuse allows."""

__version__ = "0.1.0"
