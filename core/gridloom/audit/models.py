"""Tables of the audit chain. Both are append-only for the app role."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from gridloom.db import TenantRow, TenantTable, access


class AuditRow(TenantTable):
    """What was done, by whom, to what, for which purpose. Ids and digests only: no personal values."""

    __tablename__ = "audit"
    at: Mapped[datetime]
    actor_id: Mapped[UUID]
    actor_kind: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    subject_id: Mapped[UUID | None]
    purpose: Mapped[str | None]
    ids: Mapped[dict[str, Any]]
    __table_args__ = (Index(None, "tenant_id", "at"), Index(None, "tenant_id", "subject_id"), access("append"))


class AuditSeal(TenantRow):
    """One link of the chain: `digest` = SM3(previous digest, the audit row)."""

    __tablename__ = "audit_seal"
    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    audit_id: Mapped[UUID]
    digest: Mapped[str]
    __table_args__ = (Index(None, "tenant_id", "audit_id", unique=True), access("append"))


class AuditHead(TenantRow):
    """The chain's last link; whoever holds its lock is the county's one sealer."""

    __tablename__ = "audit_head"
    sequence: Mapped[int] = mapped_column(BigInteger, default=0)
    digest: Mapped[str]
    sealed_up_to: Mapped[datetime]
