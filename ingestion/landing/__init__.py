"""The landing zone: its folders, its files, and which of them are new."""
