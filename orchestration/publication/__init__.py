"""The read-only copies for BI as an asset."""
