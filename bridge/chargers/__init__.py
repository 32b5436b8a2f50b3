"""Adapters that command a charger."""
