"""Adapters that read the mains."""
