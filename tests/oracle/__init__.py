"""The marts computed a second time, in plain Python, from the written definitions.

Written from the definitions alone (docs/metrics.md) and never from the SQL: where the two differ,
one of them has misread a definition. Slow and literal on purpose: every window is
looked at day by day, every number is an exact fraction until it is rounded.
"""
