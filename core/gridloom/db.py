"""The database kernel: base classes of tables, the tenant setting, row-level security, roles.

Rules that every table follows (they let the same schema run on one PostgreSQL and distributed by tenant): the tenant stands
first in every primary, unique and foreign key; codes are text with a CHECK; no triggers, no deferrable constraints.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Literal
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Connection,
    DateTime,
    ForeignKeyConstraint,
    MetaData,
    Table,
    Text,
    Uuid,
    event,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DisconnectionError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, SessionTransaction, mapped_column

from gridloom.crypto import derive
from gridloom.driver import TENANT_SETTING, begin
from gridloom.ids import uuid7

TENANT_PREDICATE = f"tenant_id = nullif(current_setting('{TENANT_SETTING}', true), '')::uuid"

Access = Literal["edit", "append", "queue", "reference"]
"""edit: read, insert, update; append: read, insert; queue: also delete; reference: shared by all counties, read only for app."""


class Base(DeclarativeBase):
    """Base of every table. Access rights stand in the table's `info["access"]`."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {
        datetime: DateTime(timezone=True),
        UUID: Uuid(),
        str: Text(),
        dict[str, Any]: JSONB(),
        list[str]: ARRAY(Text()),
        list[UUID]: ARRAY(Uuid()),
    }


class TenantRow(Base):
    """A table of one county's rows whose key is the tenant and further columns of its own."""

    __abstract__ = True

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-20)


class TenantTable(TenantRow):
    """A table of one county's rows, keyed by (tenant, id)."""

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7, sort_order=-19)


def tenant_fk(column: str, target: str, *, target_column: str = "id") -> ForeignKeyConstraint:
    """A reference that cannot leave the county: (tenant_id, column) → target (tenant_id, target_column)."""
    return ForeignKeyConstraint(["tenant_id", column], [f"{target}.tenant_id", f"{target}.{target_column}"])


def code_check(column: str, codes: type[StrEnum] | Sequence[str]) -> CheckConstraint:
    """Text restricted to a code list (native enums cannot use an index under row-level security)."""
    values = [member.value for member in codes] if isinstance(codes, type) else list(codes)
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def access(kind: Access, *, head: bool = False) -> dict[str, Any]:
    """Table arguments that say what the app role may do with its rows; `head`: one row a county, by which processes keep
    data of the county (see `gridloom.heads`)."""
    return {"info": {"access": kind, "head": head}}


def is_tenant_table(table: Table) -> bool:
    """Whether rows of this table belong to one county."""
    return "tenant_id" in table.c


class NoTenant(Exception):
    """A session was used without saying for which county; nothing was sent to the database."""


class TenantSession(Session):
    """A synchronous session (inside the asynchronous one) that always carries its county, or says that it has none."""


@event.listens_for(TenantSession, "after_begin")
def _set_tenant(session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
    if session.info.get("platform"):
        return
    tenant = session.info.get("tenant")
    if not isinstance(tenant, UUID):
        raise NoTenant("open the session through Works, for a county")
    begin(connection.connection.dbapi_connection, tenant, read_only=bool(session.info.get("read_only")))


SERVER_SETTINGS = {"timezone": "UTC", "statement_timeout": "15000", "jit": "off"}


def create_engine(url: URL | str, *, pool_size: int = 10) -> AsyncEngine:
    """An engine over asyncpg; sessions in UTC, statements limited to 15 seconds."""
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=5,
        pool_pre_ping=False,
        # Values of a failed statement may be personal: they stay out of errors and logs.
        hide_parameters=True,
        connect_args={
            "statement_cache_size": 512,
            "server_settings": SERVER_SETTINGS,
        },
    )
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    return engine


def _refuse_closed(adapted: Any, _record: Any, _proxy: Any) -> None:
    """A connection that the server closed while nobody used it is replaced before anybody gets it."""
    if adapted.driver_connection.is_closed():
        raise DisconnectionError("closed by the server")


def session_factory(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Sessions whose transactions carry the tenant; instances stay readable after commit."""
    return async_sessionmaker(engine, sync_session_class=TenantSession, expire_on_commit=False, autoflush=False)


ROLES = ("app", "reader", "keeper")


def role_name(database: str, role: str) -> str:
    """Roles are named after their database: two installations may share one server."""
    return f"{database}_{role}"


def role_url(owner_url: str, role: str, secret_key: bytes) -> URL:
    """The connection of one of the service's roles; its password is derived from the installation's secret."""
    url = make_url(owner_url).set(drivername="postgresql+asyncpg")
    name = role_name(url.database or "gridloom", role)
    return url.set(username=name, password=role_password(secret_key, name))


def role_password(secret_key: bytes, name: str) -> str:
    """Password of a database role, the same on every machine that knows the secret."""
    return derive(secret_key, f"database role {name}", 24).hex()


def constraint_of(error: IntegrityError) -> str:
    """The name of the constraint an error is about; a cluster's shard suffix (`_102008`) is taken off."""
    cause = error.orig if hasattr(error.orig, "constraint_name") else getattr(error.orig, "__cause__", None)
    name = str(getattr(cause, "constraint_name", None) or "")
    if not name:
        found = re.search(r'constraint "([^"]+)"', str(error.orig))
        name = found.group(1) if found else ""
    return re.sub(r"_\d{5,}$", "", name)
