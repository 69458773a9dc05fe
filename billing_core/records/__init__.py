"""Reads and writes by noun, on SQLAlchemy. Never a rule, a network call or a flow."""
