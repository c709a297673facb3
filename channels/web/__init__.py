"""The web channel: full-page chat and embed, over HTTP and WebSocket."""
