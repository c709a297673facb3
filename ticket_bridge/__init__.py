"""Everything citizens report goes through here to the dispatch system, and what becomes of it comes back here."""
