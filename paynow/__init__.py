"""What clients, machines and the gateway can reach over HTTP. Never a table, never a rule."""
