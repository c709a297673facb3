"""Ways in and out: each folder verifies and parses what arrives, renders what leaves, and knows nothing else."""
