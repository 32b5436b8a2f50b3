"""Keeps an electric car charging as fast as the main fuse allows."""
