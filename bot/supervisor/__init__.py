"""Runs the product's processes in the foreground: in order, watched, restarted, and stopped together."""
