"""Reference data is judged before anything is loaded: every cell, every key, rules across rows."""
