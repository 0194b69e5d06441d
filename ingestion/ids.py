"""Ids of companies and applications: they are folders of the landing zone and names of files."""

import re

ID_PATTERN = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
ALL_APPLICATIONS = "all"  # reserved: every application of a company together
