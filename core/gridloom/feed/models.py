"""How far each plugin of a county has read the feed, and what it is stuck on."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Integer
from sqlalchemy.orm import Mapped, mapped_column

from gridloom.db import TenantRow, access


class PluginDelivery(TenantRow):
    """The last position that was given to a plugin; whoever holds its lock is its one deliverer."""

    __tablename__ = "plugin_delivery"
    plugin: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, default=0)


class PluginStuck(TenantRow):
    """A fact that a plugin could not take. Later facts of the same case wait behind it, others do not."""

    __tablename__ = "plugin_stuck"
    plugin: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    fact_id: Mapped[UUID]
    case_id: Mapped[UUID | None]
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    next_at: Mapped[datetime]
    error: Mapped[str]
    __table_args__ = (access("queue"),)
