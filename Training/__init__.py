"""Training of the network method's models; never installed, and nothing of the engine imports it."""
