"""Which pages may open a WebSocket: those served from the address that the socket itself is asked of."""

from urllib.parse import urlsplit

from aiohttp import web


def same_origin(request: web.Request, public_url: str) -> bool:
    """Whether the request's ``Origin`` is ours; a client that sends none (no browser) is let through."""
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    ours = {urlsplit(public_url).netloc.lower(), request.host.lower()}
    parts = urlsplit(origin)
    return parts.scheme in ("http", "https") and parts.netloc.lower() in ours
