"""The business: rules, records, documents, reports and flows. Knows no screen and no web server."""
