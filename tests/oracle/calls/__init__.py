"""Vendors' calls, from the line of a file to the account: written from the definitions alone.

``reading`` makes canonical rows of files, ``links`` finds who made a call, ``groups`` what a group
was at a time, ``accounts`` the account of a usage call.
"""
