"""Parties: personal fields sealed on the way in, masked in every list, clear only for a named purpose."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from gridloom.cases.file import CaseFile, permit
from gridloom.cases.models import CaseParty, CaseRow, CaseScope
from gridloom.cases.text import NAME, REASON, identifier, optional, required
from gridloom.crypto import Place
from gridloom.errors import invalid, not_found
from gridloom.ids import uuid7
from gridloom.work import Work

PHONE = 30
ID_NUMBER = 18
ADDRESS = 200
ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECKS = "10X98765432"


@dataclass(frozen=True, slots=True)
class Person:
    """A party as it was typed."""

    name: str
    role: str
    phone: str | None = None
    id_number: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Revealed:
    """The clear values of one party."""

    id: UUID
    name: str
    phone: str | None
    id_number: str | None
    address: str | None


def check_person(person: Person, *path: str) -> Person:
    """The party with trimmed values. Raises `Refusal` VALIDATION (identity numbers by GB 11643's check digit)."""
    number = optional(person.id_number, ID_NUMBER, *path, "idNumber")
    if number is not None and not _is_id_number(number):
        raise invalid("problem-id-number", *path, "idNumber")
    return Person(
        required(person.name, NAME, *path, "name"), required(person.role, NAME, *path, "role"),
        optional(person.phone, PHONE, *path, "phone"), number, optional(person.address, ADDRESS, *path, "address"),
    )


def add_party(work: Work, file: CaseFile, person: Person, *, is_reporter: bool = False) -> UUID:
    """Keep a checked party, every personal field encrypted for its own place."""
    party_id = uuid7()

    def seal(column: str, value: str | None) -> str | None:
        return None if value is None else work.cipher.seal(value, Place(work.tenant, "case_party", column, party_id))

    def index(value: str | None) -> str | None:
        return None if value is None else work.cipher.blind_index(value)

    work.new(
        CaseParty, id=party_id, case_id=file.id, role=person.role, masked=mask_name(person.name),
        name=seal("name", person.name), phone=seal("phone", person.phone),
        id_number=seal("id_number", person.id_number), address=seal("address", person.address),
        name_index=index(person.name), phone_index=index(person.phone), id_number_index=index(person.id_number),
        is_reporter=is_reporter,
    )
    return party_id


async def reveal_person(work: Work, party_id: object, purpose: str) -> Revealed:
    """The clear values, with an audit row. Raises `Refusal` NOT_FOUND, VALIDATION without purpose; `Denied` FORBIDDEN."""
    wanted = identifier(party_id, "id")
    party = (await work.session.execute(
        select(CaseParty)
        .join(CaseRow, (CaseRow.tenant_id == work.tenant) & (CaseRow.id == CaseParty.case_id))
        .join(CaseScope, (CaseScope.tenant_id == work.tenant) & (CaseScope.case_id == CaseParty.case_id))
        .where(
            CaseParty.tenant_id == work.tenant, CaseParty.id == wanted, CaseScope.until.is_(None),
            CaseScope.scope_id.in_(work.actor.scopes),
        )
        .limit(1)
    )).scalar_one_or_none()
    if party is None:
        raise not_found("id")
    permit(work, "revealPerson")
    stated = required(purpose, REASON, "purpose")

    def clear(column: str, value: str | None) -> str | None:
        return None if value is None else work.cipher.open(value, Place(work.tenant, "case_party", column, party.id))

    work.audit("person.revealed", "case_party", party.id, purpose=stated, case=party.case_id)
    return Revealed(
        party.id, clear("name", party.name) or "", clear("phone", party.phone), clear("id_number", party.id_number),
        clear("address", party.address),
    )


def mask_name(name: str) -> str:
    """张三丰 → 张**: the first character stays."""
    return name[0] + "*" * max(1, min(len(name) - 1, 2))


def _is_id_number(number: str) -> bool:
    if len(number) != ID_NUMBER or not number[:17].isascii() or not number[:17].isdigit():
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], ID_WEIGHTS, strict=True))
    return ID_CHECKS[total % 11] == number[17].upper()
