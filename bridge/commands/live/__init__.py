"""The live view of a bridge in a terminal, drawn from what it publishes over MQTT."""
