"""A dispatch system for trial and training: a process of its own that speaks contract 6 and checks what it is sent.

It imports of the product only the catalogues, the clock and the signature scheme.
"""
