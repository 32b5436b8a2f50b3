"""The Slimmelezer, an ESPHome device on the P1 port."""
