"""The assistant's actions: one per thing it can do. They read, they reply; the turn commits what they decide."""
