"""``python -m knowledge_index``: the ``kb`` commands without the main command line, for setup."""

from knowledge_index.cli import app

if __name__ == "__main__":
    app()
