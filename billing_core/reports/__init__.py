"""Read-only frames, metrics and exports. Pandas lives here, loaded lazily. Never a write."""
