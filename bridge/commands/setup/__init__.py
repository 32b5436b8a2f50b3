"""`ev-load-bridge setup`: a conversation that ends with a settings file and the doctor."""
