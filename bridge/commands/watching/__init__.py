"""The command watch: the live view of a running service, over MQTT."""
