"""Tables of attachments beside the cases' own."""

from uuid import UUID

from sqlalchemy import Index, Integer, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from gridloom.db import TenantRow, access, tenant_fk


class AttachmentLook(TenantRow):
    """A quarter of a picture's look (16 of its 64 bits), so that like pictures are found by equality: two looks that differ
    in three bits or less agree in one quarter at least."""

    __tablename__ = "attachment_look"
    band: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    value: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    attachment_id: Mapped[UUID] = mapped_column(primary_key=True)
    __table_args__ = (tenant_fk("attachment_id", "attachment"), Index(None, "tenant_id", "attachment_id"), access("append"))
