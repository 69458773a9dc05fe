"""The machine API: /v1, the Edge-compatible endpoints, their description and its page.

Every endpoint stands in one table (``operations``, ``edge_operations``), from which routes, the
OpenAPI description, the page at /docs and the tests' matrix are made. No rule of billing is here.
"""
