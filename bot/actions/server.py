"""The action server: the SDK's executor behind one route on a loopback port of our own process."""

from aiohttp import web
from rasa_sdk.executor import ActionExecutor

from bot.actions.answer import Answer, Choose
from bot.actions.base import IntakeAction, Services
from bot.actions.form import LeadForm, SubmitForm
from bot.actions.handoff import EmergencyAction, NotUnderstood, PrivacyRequest, RequestHuman
from bot.actions.social import OutOfForm, Repeat, Social
from bot.actions.tickets import CheckTicket, PassOn
from core.http import dumps

MAX_CALL = 4 * 1024 * 1024

ACTIONS: tuple[type[IntakeAction], ...] = (
    Answer, CheckTicket, Choose, EmergencyAction, LeadForm, NotUnderstood, OutOfForm, PassOn, PrivacyRequest,
    Repeat, RequestHuman, Social, SubmitForm,
)  # fmt: skip


def action_app(services: Services) -> web.Application:
    """An application that answers the engine's action calls."""
    executor = ActionExecutor()
    for action in ACTIONS:
        executor.register_action(action(services))

    async def call(request: web.Request) -> web.Response:
        result = await executor.run(await request.json())
        body = result.model_dump() if result is not None else {"events": [], "responses": []}
        return web.json_response(body, dumps=dumps)

    async def health(_request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    app = web.Application(client_max_size=MAX_CALL)
    app.add_routes([web.post("/webhook", call), web.get("/health", health)])
    return app
