"""The built pages: citizen, desk, console, login, the widget, their assets; and uploads by signed link."""

from pathlib import Path
from urllib.parse import quote

from aiohttp import web

from bot.files import FileStore
from core.errors import NotFound
from core.http import Handler

_PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "media-src 'self' blob:; connect-src 'self' ws: wss:; object-src 'none'; base-uri 'none'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
_STAFF_HEADERS = {
    **_PAGE_HEADERS,
    # The component library of these pages positions its pop-ups with style attributes.
    "Content-Security-Policy": _PAGE_HEADERS["Content-Security-Policy"].replace(
        "style-src 'self'", "style-src 'self' 'unsafe-inline'"
    ),
    "X-Frame-Options": "DENY",
}
_NOT_BUILT = "页面还没有构建。请先运行 make run，它会自动构建页面。"


class Pages:
    """Serves ``ui/dist`` and the uploads."""

    def __init__(self, dist: Path, files: FileStore) -> None:
        self._dist = dist
        self._files = files

    def routes(self) -> list[web.RouteDef]:
        routes = [
            web.get("/", self._page("citizen")),
            web.get("/widget.js", self.widget),
            web.get("/assets/{name}", self.asset),
            web.get("/favicon.ico", self.icon),
            web.get("/files/{file}", self.upload),
        ]
        routes += [web.get(f"/{page}", self._page(page)) for page in ("login", "desk", "console")]
        return routes

    def _page(self, name: str) -> Handler:
        async def show(_request: web.Request) -> web.StreamResponse:
            path = self._dist / name / "index.html"
            if not path.is_file():
                return web.Response(status=503, text=_NOT_BUILT)
            headers = _PAGE_HEADERS if name == "citizen" else _STAFF_HEADERS
            return web.FileResponse(path, headers=headers)

        return show

    async def widget(self, _request: web.Request) -> web.StreamResponse:
        path = self._dist / "widget.js"
        if not path.is_file():
            raise NotFound("not_built", _NOT_BUILT)
        return web.FileResponse(path, headers={"Cache-Control": "public, max-age=300"})

    async def asset(self, request: web.Request) -> web.StreamResponse:
        path = self._dist / "assets" / Path(request.match_info["name"]).name
        if not path.is_file():
            raise web.HTTPNotFound
        headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
        return web.FileResponse(path, headers=headers)

    async def icon(self, _request: web.Request) -> web.StreamResponse:
        path = self._dist / "favicon.ico"
        return web.FileResponse(path) if path.is_file() else web.Response(status=204)

    async def upload(self, request: web.Request) -> web.StreamResponse:
        query = request.query
        row, path = await self._files.open(request.match_info["file"], query.get("until", ""), query.get("sig", ""))
        inline = row.type.startswith(("image/", "audio/", "video/"))
        headers = {
            "Content-Type": row.type,
            "Content-Disposition": f"{'inline' if inline else 'attachment'}; filename*=UTF-8''{quote(row.name)}",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox",
            "Cache-Control": "private, max-age=3600",
        }
        return web.FileResponse(path, headers=headers)
