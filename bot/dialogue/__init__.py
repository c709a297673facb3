"""The talk that ends in a ticket: what is known, what a message adds, what to ask next. Pure functions over a draft."""
