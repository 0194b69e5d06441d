"""What applications send, from files to raw rows: read, judged, and sorted from duplicates."""
