"""Words that mean the same wherever they stand in the schema, said once; what a type says of its own field goes before."""

from collections.abc import Iterator
from typing import Any

from graphql import GraphQLSchema, is_introspection_type

TYPES = {
    "UiSection": "A part of a page with its heading.", "UiBadge": "A short mark with a tone.",
    "UiPathStep": "A step of a matter's path, done, present or ahead.", "UiFact": "One line: what, and its value.",
    "UiTable": "Rows under columns.", "UiColumn": "A column of a table.", "UiEntry": "Something that happened.",
    "UiNotice": "A remark to the reader.", "UiBar": "One bar of a chart.", "UiOption": "One choice of a field.",
    "UiFacts": "Lines of facts.",
}
FIELDS = {
    "action": "Which action it is; send it back with runUiAction.", "actions": "What the reader may do here.",
    "actor": "Who acted; null for the service itself or another system.", "add": "Staff to add, by id.",
    "address": "Where, in words.", "answeredAt": "When it was answered.", "approved": "Whether it may be blown.",
    "assignment": "The assignment as it stands now.", "assignmentId": "Which assignment.",
    "assistIds": "Units that help, by id.", "at": "When.", "attachmentIds": "Files uploaded before, by id.",
    "attachments": "Files tied to it.", "bars": "The chart's bars.", "basis": "The law or the duty it rests on.",
    "beganAt": "When it began.", "card": "Reminder, yellow or red.", "case": "The case as it stands now.",
    "caseId": "Which case.", "category": "Class of the work list.", "cells": "The row's cells in the order of the columns.",
    "channel": "Where it came in.", "clocks": "Its time limits, oldest first.", "columns": "The table's columns.",
    "counterpart": "The organisation on the other side.", "cursor": "The county's delivery position.",
    "data": "Ids and public fields.", "date": "The day, in the county's calendar.", "days": "The days in question.",
    "description": "What is the matter, in the reporter's words, at most 10,000 characters.",
    "detail": "More about it, for the administrator.", "doneAt": "When the unit was done.", "dueAt": "Until when.",
    "decisions": "What was decided, each with an owner and a date.", "duties": "What is owed once granted, each with a date.",
    "element": "The element's key.", "empty": "What is said where there are no rows.", "entries": "What happened, newest first.",
    "externalReference": "What the sending system calls it.", "externalReferences": "What other systems call the case.",
    "facts": "The lines.", "fields": "The form's fields.", "from": "Where it begins.",
    "grade": "Sets the clocks of everyone who is called.", "gridCode": "The grid's code: 12 digits, or 12 and 3.",
    "handledNote": "What was done on the spot.", "help": "How to fill it in.", "hours": "Working hours as pairs of times.",
    "id": "Its id.", "idNumber": "Citizen number (GB 11643).", "instruction": "What the centre asks for.",
    "issuedAt": "When it was issued.", "issuedBy": "The person who issued it.",
    "key": "Chosen by the client: sent twice it is one step, with other content it is refused.", "kind": "What kind it is.",
    "label": "What it is called.", "latitude": "Degrees north, CGCS2000.", "leadId": "The unit that leads, by id.",
    "location": "The point, CGCS2000.", "longitude": "Degrees east, CGCS2000.", "matter": "The matter it belongs to.",
    "maximum": "The largest value.", "mechanism": "The plugin's key.", "mine": "Only what the caller reported.",
    "minimum": "The smallest value.", "missing": "Which information is missing.", "mutation": "The mutation in question.",
    "name": "Its name.", "nodes": "The page's rows.", "note": "A remark.", "occurredAt": "When it happened.",
    "onBehalfOf": "The citizen who asked for it.", "options": "The choices.", "organizationId": "Which organisation, by id.",
    "origin": "The organisation that began it.", "overdue": "Past its time and not handled.",
    "owner": "The organisation that answers for it now.", "pageInfo": "Where the page ends and whether more follows.",
    "paragraphs": "The text.", "part": "Which part of the element.", "parties": "The persons concerned.",
    "passed": "Whether the matter is in order.", "pattern": "What the text must look like.",
    "performedBy": "Who did it; required of a department's system.", "person": "The person in clear.",
    "personName": "Who is there.", "phone": "Telephone number.", "plugin": "The plugin's key.",
    "precedent": "What the ruling stands for from now on.", "problems": "Why nothing changed; empty where it did.",
    "progress": "How far along it is.", "question": "What the plugin was asked.", "reached": "Whether the caller got through.",
    "questions": "What was asked of the pair, and the answers.",
    "reason": "Why.", "record": "The matter as it stands now.", "recordedAt": "When a phone without network noted it.",
    "remedy": "What the reporter can do instead.", "remove": "Staff to take off, by id.",
    "replayed": "Whether this key had been answered before.", "reportedFrom": "Reported at or after.",
    "reportedInAt": "When the unit's person was there.", "reportedTo": "Reported before.",
    "required": "Whether it must be filled in.", "result": "What came of it.", "return": "The unit's request to be relieved.",
    "role": "In which role.", "rows": "The rows.", "ruling": "The centre's words.",
    "satisfaction": "1 to 5, only of those reached.", "schemaVersion": "Version of the data's shape.",
    "sections": "The page's parts.", "selfHandled": "Solved on the spot.", "severity": "How urgent.",
    "signedAt": "When the unit took note.", "source": "Where it is written.", "state": "Where it stands.",
    "status": "Where it stands.", "steps": "The path.", "submit": "What the button says.", "subtitle": "Below the title.",
    "suggestedOrganizationId": "Who should do it instead, by id.", "system": "The other system.", "text": "A part of the text.",
    "timeline": "What happened, a page at a time.", "title": "Its title.", "to": "Where it ends.",
    "tone": "Neutral, good, warning or bad; never said by colour alone.", "type": "What happened.",
    "under": "The subtree of this grid or organisation.", "upheld": "Whether the unit is relieved.",
    "value": "Its value.", "version": "The version the caller had read; another one is a conflict.",
    "visits": "Visits of the point.", "whistleId": "Which whistle.", "widget": "How it is asked for.",
    "workItem": "The item of the list.", "workItemCode": "The item's code in the work list, such as A-01.",
    "workingDays": "1 to 10 working days.", "year": "The calendar year.",
}
ARGUMENTS = {
    "after": "A cursor of the same list; absent from its beginning.", "category": "Only this class.",
    "code": "Only this code.", "element": "Only this element.", "first": "How many at the most, 1 to 200.",
    "id": "Its id.", "input": "The step's input.", "kind": "Only this kind.", "level": "Only this level.",
    "matterId": "Which matter.", "mechanism": "Only this plugin.", "number": "The county's number for it.",
    "open": "Only what is open.", "organizationId": "Only this organisation.", "part": "Only this part.",
    "plugin": "The plugin's key.", "purpose": "Why the clear text is needed; it stands in the audit chain.",
    "quarter": "Only the quarter that begins on this day.",
    "state": "Only this state.", "text": "A part of the name.", "types": "Only these types of facts.",
    "under": "Only below this grid or organisation.", "workItemCode": "Only this item of the list.",
    "year": "The calendar year.",
}


def describe(schema: GraphQLSchema) -> None:
    """Give every type, field and argument that says nothing of itself the word that holds for its name."""
    for name, kind in schema.type_map.items():
        if not is_introspection_type(kind):
            kind.description = kind.description or TYPES.get(name)
            for field_name, field in _fields(kind):
                field.description = field.description or FIELDS.get(field_name)
                for argument_name, argument in getattr(field, "args", {}).items():
                    argument.description = argument.description or ARGUMENTS.get(argument_name)


def _fields(kind: Any) -> Iterator[tuple[str, Any]]:
    yield from getattr(kind, "fields", {}).items()
