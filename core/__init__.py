"""What every package may import: the database base, clock, ids, errors, strict HTTP bodies, the catalogue, redaction.

Nothing here knows about conversations, tickets, knowledge or channels.
"""
