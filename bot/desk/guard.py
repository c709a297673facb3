"""Who is asking: the cookie, the CSRF header, the roles and zones of a member of staff."""

import hmac

from aiohttp import web

from bot.desk.accounts import Accounts
from bot.models import Conversation, Staff
from core.errors import Forbidden, NotFound

COOKIE = "intake_staff"
CSRF_HEADER = "X-CSRF-Token"


async def signed_in(request: web.Request, accounts: Accounts, *roles: str) -> Staff:
    """The member of staff behind ``request``.

    A request that changes something must repeat the session's token in ``X-CSRF-Token``. Raises Unauthorized,
    Forbidden; administrators pass for every role.
    """
    staff, session = await accounts.session_of(request.cookies.get(COOKIE, ""))
    if request.method not in ("GET", "HEAD"):
        given = request.headers.get(CSRF_HEADER, "")
        if not hmac.compare_digest(given.encode(), session.csrf.encode()):
            raise Forbidden("bad_csrf", "页面已过期，请刷新后再试。")
    if roles and not ({*roles, "administrator"} & set(staff.roles)):
        raise Forbidden("no_role", "您的账号没有这个权限，请联系管理员。")
    return staff


def sees(staff: Staff, conversation: Conversation) -> bool:
    """Whether the conversation lies in a zone of ``staff``, or is held by them."""
    return "administrator" in staff.roles or conversation.zone in staff.zones or conversation.agent_id == staff.id


def must_see(staff: Staff, conversation: Conversation | None) -> Conversation:
    """The conversation, or NotFound: what lies outside one's zones does not exist."""
    if conversation is None or conversation.holder == "bot" or not sees(staff, conversation):
        raise NotFound("no_conversation", "没有找到这次对话。")
    return conversation
