"""Parts that the assistant engine loads in its own environment (Python 3.10); they import nothing else of ours."""
