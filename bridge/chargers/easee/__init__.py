"""An Easee charger, through the cloud of its maker."""
