"""Accounts of staff, their sessions, the clients of department systems, and what was revoked."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gridloom.db import TenantRow, TenantTable, access, tenant_fk


class Account(TenantTable):
    """How a member of staff signs in. `totp` is the second factor's secret, sealed; `totp_step` its last used step."""

    __tablename__ = "account"
    staff_id: Mapped[UUID]
    login: Mapped[str]
    password_hash: Mapped[str]
    totp: Mapped[str | None]
    totp_step: Mapped[int | None] = mapped_column(BigInteger)
    failures: Mapped[int] = mapped_column(default=0)
    last_failure_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("tenant_id", "login"),
        tenant_fk("staff_id", "staff"),
        Index(None, "tenant_id", "staff_id"),
    )


class SignInSession(TenantTable):
    """A browser that is signed in. Only the digest of its token is known here."""

    __tablename__ = "session"
    account_id: Mapped[UUID]
    token_hash: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("tenant_id", "token_hash"),
        tenant_fk("account_id", "account"),
        Index(None, "tenant_id", "account_id"),
        Index(None, "tenant_id", "expires_at"),
    )


class ApiClient(TenantTable):
    """A department's own system. `client_id` begins with the county's code; it has a secret's digest or public keys."""

    __tablename__ = "api_client"
    client_id: Mapped[str]
    name: Mapped[str]
    organization_id: Mapped[UUID]
    secret_hash: Mapped[str | None]
    jwks: Mapped[dict[str, Any] | None]
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("tenant_id", "client_id"),
        tenant_fk("organization_id", "organization"),
        Index(None, "tenant_id", "organization_id"),
    )


class RevokedToken(TenantRow):
    """An access token that no longer counts, until it would have expired anyway."""

    __tablename__ = "revoked_token"
    jti: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime]
    __table_args__ = (Index(None, "tenant_id", "expires_at"), access("append"))


class UsedAssertion(TenantRow):
    """A signed assertion that a client has used to sign in; it must not count twice."""

    __tablename__ = "used_assertion"
    client_id: Mapped[UUID] = mapped_column(primary_key=True)
    jti_hash: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime]
    __table_args__ = (Index(None, "tenant_id", "expires_at"), access("append"))
