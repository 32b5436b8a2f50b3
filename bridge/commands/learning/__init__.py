"""`ev-load-bridge learn-phases`: asks the running service, or does it by itself."""
