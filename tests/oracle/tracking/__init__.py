"""What calls say beside events: traits, users, groups, the tracking plan, trials, cost, quality.

Written from the definitions of the telemetry standard alone. ``telemetry`` has what all share.
"""
