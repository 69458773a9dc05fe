"""Pure rules: what is allowed and what it comes to. Never a database, network or clock."""
