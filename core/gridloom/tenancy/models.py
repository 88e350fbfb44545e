"""What a county is."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Integer
from sqlalchemy.orm import Mapped, mapped_column

from gridloom.db import Base, TenantRow, access, code_check


class CountyState(StrEnum):
    """ACTIVE: open; SUSPENDED: readable, every step refused; PLATFORM: the operator's own tenant, no county."""

    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    PLATFORM = "PLATFORM"


class County(Base):
    """One tenant. A reference table: read by every request, written by the operator only."""

    __tablename__ = "county"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    time_zone: Mapped[str] = mapped_column(default="Asia/Shanghai")
    state: Mapped[str] = mapped_column(default=CountyState.ACTIVE)
    created_at: Mapped[datetime]
    __table_args__ = (code_check("state", CountyState), access("reference"))


class CountyKey(TenantRow):
    """A data key of the county, wrapped by the installation's master key."""

    __tablename__ = "county_key"
    key_id: Mapped[str] = mapped_column(primary_key=True)
    wrapped: Mapped[str]
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class CountySettings(TenantRow):
    """The county's own settings; every change is a new version."""

    __tablename__ = "county_settings"
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    settings: Mapped[dict[str, Any]]
    since: Mapped[datetime]
    __table_args__ = (access("append"),)
