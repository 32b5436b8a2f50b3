"""`doctor --test-lapse`: what this charger does when a time-to-live ends, measured under supervision."""
