"""The one job over the whole graph, when it runs, and what happens when it fails."""
