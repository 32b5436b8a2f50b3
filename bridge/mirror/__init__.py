"""Shows snapshots on MQTT and takes the owner's few controls from there."""
