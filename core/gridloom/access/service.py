"""Accounts and sessions: making them, signing in, and who a session is."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import pyotp
from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from gridloom.access.again import Again, sessions_now
from gridloom.access.models import Account, SignInSession
from gridloom.access.passwords import PASSWORDS, check_strength
from gridloom.access.recent import Recent
from gridloom.access.throttle import Throttle
from gridloom.crypto import Place
from gridloom.errors import ProblemCode, Refusal, invalid
from gridloom.ids import uuid7
from gridloom.people.service import staff_actor
from gridloom.tenancy.service import CountyDirectory
from gridloom.work import Actor, CountyView, Work, Works

SESSION_HOURS = 12
TOTP_SECONDS = 30
LOGIN_LENGTH = 64

@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session: the cookie's value, who it is, until when."""

    token: str
    actor: Actor
    county: CountyView
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Attempt:
    """What somebody typed, and from where (an address; only its digest is kept, for minutes)."""

    county: str
    login: str
    password: str
    code: str | None
    device: str


class NotSignedIn(Exception):
    """Wrong county, account, password or code: never said which. `account_id` is for the audit chain alone."""

    def __init__(self, county: CountyView | None = None, account_id: UUID | None = None) -> None:
        super().__init__("not signed in")
        self.county = county
        self.account_id = account_id


class Throttled(Exception):
    """Too many attempts; wait that many seconds."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"wait {seconds} s")
        self.seconds = seconds


class Sessions:
    """Signing in and out, and who a session's cookie is."""

    def __init__(self, works: Works, directory: CountyDirectory, throttle: Throttle) -> None:
        self._works = works
        self._directory = directory
        self._throttle = throttle
        self._recent: Recent[tuple[Actor, CountyView, datetime]] = Recent()
        self._again = Again(partial(sessions_now, works))

    async def sign_in(self, attempt: Attempt, locale: str) -> SignedIn:
        """Open a session. Raises `NotSignedIn`, `Throttled`, `Busy`.

        Unknown counties and accounts cost the same hash as a wrong password and get the same answer.
        """
        name = f"{attempt.county}|{attempt.login}"
        wait = await self._throttle.attempt(name, attempt.device)
        if wait:
            raise Throttled(wait)
        county = await self._directory.by_code(self._works, attempt.county)
        account = await self._account(county, attempt.login)
        known = await PASSWORDS.matches(account.password_hash if account else None, attempt.password)
        if county is None or account is None or not known:
            raise NotSignedIn(county, account.id if account else None)
        signed_in = await self._open(county, account, attempt.code, locale)
        await self._throttle.succeeded(name, attempt.device)
        return signed_in

    async def _account(self, county: CountyView | None, login: str) -> Account | None:
        if county is None or "\x00" in login:
            return None
        async with self._works.reading(county) as session:
            return (await session.execute(
                select(Account).where(
                    Account.tenant_id == county.id, Account.login == login, Account.disabled_at.is_(None)
                )
            )).scalar_one_or_none()

    async def _open(self, county: CountyView, account: Account, code: str | None, locale: str) -> SignedIn:
        async with self._works.open(county) as work:
            actor = await staff_actor(work.session, county.id, account.staff_id, work.now, locale)
            if actor is None or not await _second_factor(work, account, code):
                raise NotSignedIn(county, account.id)
            token = f"{county.code}.{secrets.token_urlsafe(32)}"
            expires_at = work.now + timedelta(hours=SESSION_HOURS)
            session = work.new(
                SignInSession, id=uuid7(), account_id=account.id, token_hash=digest(token), created_at=work.now,
                expires_at=expires_at,
            )
            work.audit("access.signed_in", "account", account.id, session=str(session.id))
        return SignedIn(token, actor, county, expires_at)

    async def note_refusal(self, refused: NotSignedIn) -> None:
        """Count and audit a wrong password; done after the answer, so that the answer's time says nothing."""
        if refused.county is None or refused.account_id is None:
            return
        async with self._works.open(refused.county) as work:
            await work.session.execute(
                update(Account)
                .where(Account.tenant_id == work.tenant, Account.id == refused.account_id)
                .values(failures=Account.failures + 1, last_failure_at=work.now)
            )
            work.audit("access.refused", "account", refused.account_id)

    async def actor(self, token: str, locale: str) -> tuple[Actor, CountyView] | None:
        """Who the cookie is, or None: unknown, ended, expired, disabled or gone. At most two seconds old."""
        key = f"{digest(token)}{locale}"
        known = self._recent.get(key)
        if known is None:
            known = await self._look(token, locale)
            if known is None:
                return None
            self._recent.put(key, known)
        actor, county, expires_at = known
        return (actor, county) if self._works.clock.now() < expires_at else None

    async def actor_again(self, token: str, locale: str) -> Actor | None:
        """As `actor`, of an open stream: asked of the database together with others', after a moment."""
        key = f"{digest(token)}{locale}"
        known = self._recent.get(key)
        if known is None:
            county = await county_of(self._works, self._directory, token)
            found = await self._again.ask(county, (digest(token), locale)) if county is not None else None
            if county is None or found is None:
                return None
            known = (found[0], county, found[1])
            self._recent.put(key, known)
        actor, _county, expires_at = known
        return actor if self._works.clock.now() < expires_at else None

    async def _look(self, token: str, locale: str) -> tuple[Actor, CountyView, datetime] | None:
        county = await county_of(self._works, self._directory, token)
        if county is None:
            return None
        now = self._works.clock.now()
        async with self._works.reading(county) as session:
            row = (await session.execute(
                select(Account.staff_id, SignInSession.expires_at)
                .join(
                    SignInSession,
                    (SignInSession.tenant_id == Account.tenant_id) & (SignInSession.account_id == Account.id),
                )
                .where(
                    Account.tenant_id == county.id, SignInSession.tenant_id == county.id,
                    SignInSession.token_hash == digest(token), SignInSession.ended_at.is_(None),
                    SignInSession.expires_at > now, Account.disabled_at.is_(None),
                )
            )).one_or_none()
            if row is None:
                return None
            actor = await staff_actor(session, county.id, row[0], now, locale)
        return None if actor is None else (actor, county, row[1])

    async def sign_out(self, token: str) -> None:
        """End the session; an unknown one is ended already."""
        county = await county_of(self._works, self._directory, token)
        if county is None:
            return
        async with self._works.open(county) as work:
            account_id = (await work.session.execute(
                update(SignInSession)
                .where(
                    SignInSession.tenant_id == work.tenant, SignInSession.token_hash == digest(token),
                    SignInSession.ended_at.is_(None),
                )
                .values(ended_at=work.now)
                .returning(SignInSession.account_id)
            )).scalar_one_or_none()
            if account_id is not None:
                work.audit("access.signed_out", "account", account_id)
        for locale in ("zh-CN", "en"):
            self._recent.drop(f"{digest(token)}{locale}")


async def county_of(works: Works, directory: CountyDirectory, named: str) -> CountyView | None:
    """The county whose code stands before the first dot of a session, client or token id."""
    code, dot, rest = named.partition(".")
    if not dot or not rest or not (code.isascii() and code.isdigit() and len(code) == 6):
        return None
    return await directory.by_code(works, code)


def digest(token: str) -> str:
    """How tokens and secrets of our own making (256 random bits) are kept."""
    return hashlib.sha256(token.encode()).hexdigest()


async def create_account(work: Work, staff_id: UUID, login: str, password: str) -> UUID:
    """An account for a member of staff. Raises `Refusal` VALIDATION for a weak password or a bad or taken login."""
    login = login.strip()
    if not 0 < len(login) <= LOGIN_LENGTH or not login.isprintable():
        raise invalid("access-login-bad", "login", longest=LOGIN_LENGTH)
    check_strength(password, login)
    taken = (await work.session.execute(
        select(Account.id).where(Account.tenant_id == work.tenant, Account.login == login)
    )).scalar_one_or_none()
    if taken is not None:
        raise Refusal(ProblemCode.CONFLICT, "access-login-taken", path=("login",))
    account = work.new(
        Account, id=uuid7(), staff_id=staff_id, login=login, password_hash=await PASSWORDS.hash(password),
        created_at=work.now,
    )
    await work.session.flush()
    work.audit("access.account_created", "account", account.id, staff=str(staff_id))
    return account.id


async def change_password(work: Work, account_id: UUID, password: str) -> None:
    """Set a new password and end every session of the account."""
    account = await work.session.get_one(Account, (work.tenant, account_id))
    check_strength(password, account.login)
    account.password_hash = await PASSWORDS.hash(password)
    await end_sessions(work, account_id)
    work.audit("access.password_changed", "account", account_id)


async def disable_account(work: Work, account_id: UUID) -> None:
    """Nobody signs in to it any more; its sessions end."""
    account = await work.session.get_one(Account, (work.tenant, account_id))
    account.disabled_at = work.now
    await end_sessions(work, account_id)
    work.audit("access.account_disabled", "account", account_id)


async def end_sessions(work: Work, account_id: UUID) -> None:
    """End every open session of an account."""
    await work.session.execute(
        update(SignInSession)
        .where(
            SignInSession.tenant_id == work.tenant, SignInSession.account_id == account_id,
            SignInSession.ended_at.is_(None),
        )
        .values(ended_at=work.now)
    )


async def require_totp(work: Work, account_id: UUID) -> str:
    """Give an account a second factor; returns its secret (base32), to be shown once."""
    account = await work.session.get_one(Account, (work.tenant, account_id))
    secret = pyotp.random_base32()
    account.totp = work.cipher.seal(secret, _totp_place(work.tenant, account_id))
    account.totp_step = None
    work.audit("access.second_factor_set", "account", account_id)
    return secret


async def _second_factor(work: Work, account: Account, code: str | None) -> bool:
    """Whether the code is right and was not used before; one UPDATE takes it, so that a race takes it once."""
    if account.totp is None:
        return True
    secret = work.cipher.open(account.totp, _totp_place(work.tenant, account.id))
    totp = pyotp.TOTP(secret, interval=TOTP_SECONDS)
    present = int(work.now.timestamp()) // TOTP_SECONDS
    steps = (present - 1, present, present + 1)
    step = next((one for one in steps if secrets.compare_digest(totp.generate_otp(one), code or "")), None)
    return step is not None and await _take_step(work.session, work.tenant, account.id, step)


async def _take_step(session: AsyncSession, tenant: UUID, account_id: UUID, step: int) -> bool:
    taken = await session.execute(
        update(Account)
        .where(
            Account.tenant_id == tenant, Account.id == account_id,
            or_(Account.totp_step.is_(None), Account.totp_step < step),
        )
        .values(totp_step=step)
        .returning(Account.id)
    )
    return taken.scalar_one_or_none() is not None


def _totp_place(tenant: UUID, account_id: UUID) -> Place:
    return Place(tenant, "account", "totp", account_id)
