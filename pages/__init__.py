"""One script per screen, read top to bottom. Never a rule, never SQL."""
