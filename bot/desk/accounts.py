"""Accounts of staff: passwords with argon2, lockout, TOTP, cookie sessions that can be ended."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.desk.zones import ZONES
from bot.models import Audit, Staff, StaffSession
from core.clock import now
from core.db import Database
from core.errors import BadRequest, Conflict, TooMany, Unauthorized
from core.ids import new_token, token_hash

ROLES = ("agent", "supervisor", "editor", "administrator")
SESSION = timedelta(hours=12)
MAX_FAILURES = 5
LOCKED = timedelta(minutes=10)
MIN_PASSWORD = 8

_hasher = PasswordHasher(time_cost=2, memory_cost=32 * 1024, parallelism=1)
_DUMMY = _hasher.hash("a password that nobody has")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh session: ``token`` for the cookie, ``csrf`` for the header."""

    staff: Staff
    token: str
    csrf: str


class Accounts:
    """Makes, checks and ends accounts and their sessions."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def add(self, username: str, password: str, roles: list[str], zones: list[str], display: str = "") -> Staff:
        """A new account. Raises BadRequest (unknown role or zone, short password), Conflict (name taken)."""
        _check(username, password, roles, zones)
        async with self._db.write() as session:
            if await _by_name(session, username) is not None:
                raise Conflict("user_exists", "这个用户名已经有了，请换一个。", field="username")
            staff = Staff(
                username=username,
                display_name=display or username,
                password_hash=_hasher.hash(password),
                roles=roles,
                zones=zones,
            )
            session.add(staff)
            session.add(Audit(actor="cli", action="user_added", object=f"staff:{username}", detail={"roles": roles}))
        return staff

    async def exists(self, username: str) -> bool:
        async with self._db.read() as session:
            return await _by_name(session, username) is not None

    async def sign_in(self, username: str, password: str, otp: str | None) -> SignedIn:
        """Check the password and open a session.

        Raises Unauthorized with one text for every wrong combination, TooMany while the account is locked.
        """
        wrong = Unauthorized("bad_login", "用户名、密码或验证码不对，请检查后再试。")
        async with self._db.write() as session:
            staff = await _by_name(session, username)
            if staff is not None and staff.locked_until is not None and staff.locked_until > now():
                left = (staff.locked_until - now()).total_seconds()
                raise TooMany("locked", "密码错误次数太多，账号暂时锁定，请十分钟后再试。", retry_after=left)
            good = _verify(staff, password) and _otp_fits(staff, otp)
            if staff is not None and good:
                return _opened(session, staff)
            if staff is not None:
                _count_failure(staff)
        raise wrong

    async def session_of(self, token: str) -> tuple[Staff, StaffSession]:
        """Who a cookie belongs to. Raises Unauthorized."""
        async with self._db.read() as session:
            row = await session.get(StaffSession, token_hash(token)) if token else None
            if row is None or row.expires_at < now():
                raise Unauthorized("not_signed_in", "登录已过期，请重新登录。")
            return await session.get_one(Staff, row.staff_id), row

    async def sign_out(self, token: str) -> None:
        async with self._db.write() as session:
            await session.execute(delete(StaffSession).where(StaffSession.token_hash == token_hash(token)))


def _check(username: str, password: str, roles: list[str], zones: list[str]) -> None:
    if not username or len(username) > 64 or not username.isprintable():
        raise BadRequest("bad_username", "用户名应为1到64个字符。", field="username")
    if len(password) < MIN_PASSWORD:
        raise BadRequest("short_password", f"密码至少{MIN_PASSWORD}位。", field="password")
    for role in roles:
        if role not in ROLES:
            raise BadRequest("bad_role", f"没有角色 {role}，可选：{'、'.join(ROLES)}。", field="role")
    for zone in zones:
        if zone not in ZONES:
            raise BadRequest("bad_zone", f"没有专区 {zone}，可选：{'、'.join(ZONES)}。", field="zone")


async def _by_name(session: AsyncSession, username: str) -> Staff | None:
    return (await session.scalars(select(Staff).where(Staff.username == username))).first()


def _verify(staff: Staff | None, password: str) -> bool:
    """Takes as long for a name that does not exist."""
    try:
        return _hasher.verify(staff.password_hash if staff else _DUMMY, password) and staff is not None
    except (VerificationError, InvalidHashError):
        return False


def _otp_fits(staff: Staff | None, otp: str | None) -> bool:
    if staff is None or not staff.totp_secret:
        return True
    return bool(otp) and pyotp.TOTP(staff.totp_secret).verify(str(otp), valid_window=1)


def _count_failure(staff: Staff) -> None:
    staff.failures += 1
    if staff.failures >= MAX_FAILURES:
        staff.locked_until = now() + LOCKED
        staff.failures = 0


def _opened(session: AsyncSession, staff: Staff) -> SignedIn:
    staff.failures = 0
    staff.locked_until = None
    token, csrf = new_token(), secrets.token_urlsafe(24)
    session.add(StaffSession(token_hash=token_hash(token), staff_id=staff.id, csrf=csrf, expires_at=now() + SESSION))
    session.add(Audit(actor=f"staff:{staff.username}", action="sign_in", object=f"staff:{staff.username}"))
    return SignedIn(staff, token, csrf)
