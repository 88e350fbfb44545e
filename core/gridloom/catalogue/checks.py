"""What a draft of the list, or of the service levels, must be like before it is published. Pure."""

import re
from collections.abc import Mapping

from gridloom.catalogue.defaults import COUNTY, GRID, ItemDraft, LimitKey, default_limits
from gridloom.catalogue.limits import Limit
from gridloom.catalogue.models import Frequency, Protection, Severity, WorkCategory
from gridloom.errors import invalid

CODE = re.compile(r"[A-Z]-[0-9]{2,3}")
CONTACT = re.compile(r"[0-9/]{3,40}")
LONGEST_NAME = 200
LONGEST_NOTES = 2_000
LONGEST_DEADLINE = 87_600
"""Hours: ten years."""


def check_draft(draft: ItemDraft) -> None:
    """Raises `Refusal` VALIDATION at the first field that is not in order."""
    if CODE.fullmatch(draft.code) is None:
        raise invalid("item-code-malformed", "code", subject=draft.code[:20])
    for field, text, longest in (("name", draft.name, LONGEST_NAME), ("nameEn", draft.name_en, LONGEST_NAME)):
        if not 1 <= len(text.strip()) <= longest:
            raise invalid("item-text-length", field, limit=longest)
    if len(draft.notes) > LONGEST_NOTES:
        raise invalid("item-text-length", "notes", limit=LONGEST_NOTES)
    if not 1 <= draft.deadline_hours <= LONGEST_DEADLINE:
        raise invalid("item-deadline-range", "deadlineHours", limit=LONGEST_DEADLINE)
    if not COUNTY <= draft.level_first_handled <= GRID:
        raise invalid("item-level-range", "levelFirstHandled")
    for field, value, known in (
        ("category", draft.category, WorkCategory), ("severity", draft.severity, Severity),
        ("frequency", draft.frequency, Frequency), *(("protection", word, Protection) for word in draft.protection),
    ):
        if value not in set(known):
            raise invalid("item-code-unknown", field, subject=value[:40])
    _check_flags(draft)
    levels = [route.level for route in draft.routes]
    if len(set(levels)) != len(levels) or not set(levels) <= set(range(COUNTY, GRID + 1)):
        raise invalid("item-routes", "routes")


def _check_flags(draft: ItemDraft) -> None:
    if draft.clue != (Protection.CLUE in draft.protection):
        raise invalid("item-clue-unprotected", "clue")
    if draft.protection and not draft.confidential:
        raise invalid("item-protected-not-confidential", "confidential")
    if draft.emergency and CONTACT.fullmatch(draft.emergency_contact or "") is None:
        raise invalid("item-emergency-contact", "emergencyContact")


def check_limits(changes: Mapping[LimitKey, Limit]) -> None:
    """Raises `Refusal` VALIDATION for a limit that no step asks for, or of nothing."""
    known = default_limits()
    for key, limit in changes.items():
        if key not in known:
            raise invalid("service-level-unknown", "limits", name="/".join(key)[:80])
        if limit.value == 0:
            raise invalid("service-level-of-nothing", "limits", name="/".join(key))
