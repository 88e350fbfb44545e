"""Clients of department systems: making them, and who a token is."""

import hashlib
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from gridloom.access.models import ApiClient, RevokedToken, UsedAssertion
from gridloom.access.recent import Recent
from gridloom.access.service import county_of, digest
from gridloom.access.tokens import Claims, Tokens
from gridloom.errors import invalid, not_found
from gridloom.ids import uuid7
from gridloom.people.models import Organization
from gridloom.people.roles import CLIENT_PERMISSIONS, PERMISSIONS
from gridloom.people.service import client_actor
from gridloom.tenancy.service import CountyDirectory
from gridloom.work import Actor, CountyView, Work, Works

DEVELOPER = "developer"
SCOPE = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]{1,64}")


@dataclass(frozen=True, slots=True)
class Client:
    """A client as the token endpoint sees it."""

    id: UUID
    client_id: str
    county: CountyView
    secret_hash: str | None
    jwks: dict[str, Any] | None
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TokenCaller:
    """Who a token is: the actor, the county, the token's own scopes."""

    actor: Actor
    county: CountyView
    scopes: frozenset[str]
    expires_at: datetime


class Clients:
    """Looks clients and tokens up, always inside the county that their id names."""

    def __init__(self, works: Works, directory: CountyDirectory, tokens: Tokens) -> None:
        self._works = works
        self._directory = directory
        self.tokens = tokens
        self._recent: Recent[TokenCaller] = Recent()

    def now(self) -> datetime:
        """The service's time, by which tokens are made and judged."""
        return self._works.clock.now()

    async def find(self, client_id: str) -> Client | None:
        """The active client of an id."""
        county = await county_of(self._works, self._directory, client_id)
        if county is None or "\x00" in client_id:
            return None
        async with self._works.reading(county) as session:
            row = (await session.execute(
                select(ApiClient).where(
                    ApiClient.tenant_id == county.id, ApiClient.client_id == client_id, ApiClient.disabled_at.is_(None)
                )
            )).scalar_one_or_none()
        if row is None:
            return None
        return Client(row.id, row.client_id, county, row.secret_hash, row.jwks, tuple(row.scopes))

    async def actor(self, token: str, locale: str) -> TokenCaller | None:
        """Who a token is, or None: altered, expired, revoked, its client disabled. At most two seconds old."""
        key = f"{digest(token)}{locale}"
        known = self._recent.get(key)
        if known is None:
            known = await self._look(token, locale)
            if known is None:
                return None
            self._recent.put(key, known)
        return known if self._works.clock.now() < known.expires_at else None

    async def _look(self, token: str, locale: str) -> TokenCaller | None:
        now = self._works.clock.now()
        claims = self.tokens.read(token, now)
        client = await self.find(claims.client_id) if claims is not None else None
        if claims is None or client is None or await self.is_revoked(client.county, claims.jti):
            return None
        async with self._works.reading(client.county) as session:
            row = (await session.execute(
                select(ApiClient.name, Organization)
                .join(
                    Organization,
                    (Organization.tenant_id == ApiClient.tenant_id) & (Organization.id == ApiClient.organization_id),
                )
                .where(ApiClient.tenant_id == client.county.id, ApiClient.id == client.id)
            )).one()
        # A scope that was taken from the client since does not count any more.
        scopes = frozenset(claims.scopes) & frozenset(client.scopes)
        actor = client_actor(client.county.id, client.id, row[0], row[1], permissions(scopes), locale)
        return TokenCaller(actor, client.county, scopes, claims.until)

    async def is_revoked(self, county: CountyView, jti: str) -> bool:
        """Whether a token was revoked."""
        async with self._works.reading(county) as session:
            found = await session.execute(
                select(RevokedToken.jti).where(RevokedToken.tenant_id == county.id, RevokedToken.jti == jti)
            )
            return found.scalar_one_or_none() is not None

    async def revoke(self, client: Client, claims: Claims) -> None:
        """Let a token no longer count."""
        async with self._works.open(client.county) as work:
            await work.session.execute(
                insert(RevokedToken)
                .values(tenant_id=work.tenant, jti=claims.jti, expires_at=claims.until)
                .on_conflict_do_nothing()
            )
            work.audit("access.token_revoked", "api_client", client.id)

    async def take_assertion(self, client: Client, jti: str, expires_at: datetime) -> bool:
        """Whether a signed assertion is used for the first time; of two at once, one."""
        async with self._works.open(client.county) as work:
            taken = await work.session.execute(
                insert(UsedAssertion)
                .values(
                    tenant_id=work.tenant, client_id=client.id, jti_hash=hashlib.sha256(jti.encode()).hexdigest(),
                    expires_at=expires_at,
                )
                .on_conflict_do_nothing()
                .returning(UsedAssertion.jti_hash)
            )
            return taken.scalar_one_or_none() is not None


def permissions(scopes: Iterable[str]) -> frozenset[str]:
    """Scopes name permissions, or roles and mean theirs; what clients never may is left out by `client_actor`."""
    # `client_actor` takes no scope at all for every permission: a name that is none keeps such a client harmless.
    found = {"-"}
    for scope in scopes:
        found |= PERMISSIONS.get(scope, frozenset({scope}))
    return frozenset(found)


async def create_client(work: Work, organization_id: UUID, name: str, scopes: Sequence[str] = ()) -> tuple[str, str]:
    """A client of an organisation that signs in by a secret: its id, and the secret, shown only here.

    Without `scopes` it may do whatever clients may. Raises `Refusal` NOT_FOUND for an unknown organisation, VALIDATION
    for scopes that cannot be written in a token.
    """
    secret = secrets.token_urlsafe(32)
    return await _create(work, organization_id, name, scopes, digest(secret), None), secret


async def create_key_client(
    work: Work, organization_id: UUID, name: str, jwks: dict[str, Any], scopes: Sequence[str] = ()
) -> str:
    """A client that signs in by assertions under its own keys (`private_key_jwt`); `jwks` holds the public ones.

    Returns its id. Raises `Refusal` as `create_client`, and VALIDATION for keys that are private or cannot be read.
    """
    return await _create(work, organization_id, name, scopes, None, _checked_keys(jwks))


async def _create(
    work: Work, organization_id: UUID, name: str, scopes: Sequence[str], secret_hash: str | None,
    jwks: dict[str, Any] | None,
) -> str:
    organization = await work.session.get(Organization, (work.tenant, organization_id))
    if organization is None:
        raise not_found("organizationId")
    if not all(SCOPE.fullmatch(scope) for scope in scopes):
        raise invalid("access-scope-bad", "scopes")
    client_id = f"{work.county.code}.{_slug(organization.code)}-{secrets.token_hex(4)}"
    row = work.new(
        ApiClient, id=uuid7(), client_id=client_id, name=name, organization_id=organization_id,
        secret_hash=secret_hash, jwks=jwks, scopes=list(scopes) or [DEVELOPER, *sorted(CLIENT_PERMISSIONS)],
        created_at=work.now,
    )
    await work.session.flush()
    work.audit("access.client_created", "api_client", row.id, organization=str(organization_id))
    return client_id


async def disable_client(work: Work, client_id: UUID) -> None:
    """No new tokens, and those given out count no more within two seconds."""
    row = await work.session.get_one(ApiClient, (work.tenant, client_id))
    row.disabled_at = work.now
    work.audit("access.client_disabled", "api_client", client_id)


def _slug(code: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", code.lower()).strip("-") or "client"


def _checked_keys(jwks: dict[str, Any]) -> dict[str, Any]:
    """Public keys only: a private or a symmetric key sent by mistake is refused, not kept."""
    try:
        keys = KeySet.import_key_set(jwks)  # type: ignore[arg-type]
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise invalid("access-keys-bad", "jwks") from error
    if not keys.keys or any(key.is_private or key.key_type == "oct" for key in keys.keys):
        raise invalid("access-keys-bad", "jwks")
    return jwks
