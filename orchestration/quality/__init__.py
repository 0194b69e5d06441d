"""Quality gates: suites of expectations on small profiles, and what is done with their verdicts."""
