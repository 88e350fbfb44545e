"""What each step of the main job sends to the database, message by message, as the driver logs it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from gridloom.runtime import Service
from gridloom.work import Actor
from tests.support.county import BOX, County

CASE = "case { id number status version } replayed"
ASSIGNMENT = "assignment { id version status } case { id version status }"

# Messages of the step's own transaction, BEGIN and COMMIT with them. The number of rows does not matter.
REPORT = ["BEGIN", "SELECT", "SELECT", "WITH", "COMMIT"]
COUNTS = {
    "reportCase": 5, "acceptCase": 12, "routeCase": 15, "blowWhistle": 16, "signAssignment": 13, "reportIn": 13,
    "addProgress": 9, "completeAssignment": 18, "verifyCase": 14, "callBack": 13, "closeCase": 12,
}


class Log:
    """Messages by connection, in the order they were sent."""

    def __init__(self) -> None:
        self._by: dict[int, list[str]] = {}
        self._listening: set[int] = set()

    def listen(self, adapted: Any, _record: Any, _proxy: Any) -> None:
        driver = adapted.driver_connection
        if id(driver) not in self._listening:
            self._listening.add(id(driver))
            sent = self._by.setdefault(id(driver), [])
            driver.add_query_logger(lambda record: sent.append(record.query))

    def note(self, connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        """What SQLAlchemy has prepared and executes, which the driver does not log."""
        self._by[id(connection.connection.driver_connection)].append(statement)

    def clear(self) -> None:
        for sent in self._by.values():
            sent.clear()

    def transactions(self) -> Iterator[list[str]]:
        """Each transaction's messages: the first words of each."""
        for sent in self._by.values():
            found: list[str] = []
            for text in sent:
                if text.startswith("BEGIN"):
                    found = []
                found.append(text.split()[0].strip(";"))
                if found[-1] in ("COMMIT", "ROLLBACK"):
                    yield found
                    found = []

    def written(self) -> list[str]:
        """The one transaction that was committed."""
        committed = [one for one in self.transactions() if one[-1] == "COMMIT"]
        assert len(committed) == 1, committed
        return committed[0]


@contextmanager
def listening(service: Service) -> Iterator[Log]:
    log = Log()
    engine = service.engine.sync_engine
    event.listen(engine, "checkout", log.listen)
    event.listen(engine, "before_cursor_execute", log.note)
    try:
        yield log
    finally:
        event.remove(engine, "checkout", log.listen)
        event.remove(engine, "before_cursor_execute", log.note)


class Steps:
    """Takes steps twice over (the first fills what processes keep) and notes what the second sent."""

    def __init__(self, county: County, log: Log) -> None:
        self.county = county
        self.log = log
        self.counts: dict[str, list[str]] = {}
        self.actors: dict[str, Actor] = {}

    async def take(self, who: str, name: str, selection: str, **values: Any) -> dict[str, Any]:
        if who not in self.actors:
            self.actors[who] = await self.county.actor(who)
        self.log.clear()
        payload = await self.county.step(self.actors[who], name, selection, **values)
        assert payload["problems"] == [], (name, payload)
        self.counts[name] = self.log.written()
        return payload

    async def report(self, **values: Any) -> dict[str, Any]:
        payload = await self.take(
            "member", "reportCase", f"{CASE} trackingCode", description="村口水沟堵塞", workItemCode="C-10", **values
        )
        found: dict[str, Any] = payload["case"]
        return found

    async def on_case(self, who: str, name: str, case: dict[str, Any], **values: Any) -> dict[str, Any]:
        payload = await self.take(who, name, CASE, caseId=case["id"], version=case["version"], **values)
        found: dict[str, Any] = payload["case"]
        return found

    async def on_assignment(self, who: str, name: str, assignment: dict[str, Any], **values: Any) -> dict[str, Any]:
        payload = await self.take(
            who, name, ASSIGNMENT, assignmentId=assignment["id"], version=assignment["version"], **values
        )
        found: dict[str, Any] = payload["assignment"]
        return found | {"case": payload["case"]}

    async def assignments(self, who: str, case: dict[str, Any]) -> list[dict[str, Any]]:
        answer = await self.county.ask(
            self.actors[who], "query($id: ID) { case(id: $id) { assignments { id version role } } }", id=case["id"]
        )
        found: list[dict[str, Any]] = answer["data"]["case"]["assignments"]
        return found

    async def whole_job(self) -> None:
        """From a report to its end, by a whistle to one unit."""
        units = self.county.units
        case = await self.on_case("officer_village", "acceptCase", await self.report())
        case = await self.on_case(
            "officer_village", "blowWhistle", case, grade="ROUTINE", leadId=str(units["SW"]), reason="超出本级职权"
        )
        task = (await self.assignments("officer_village", case))[0]
        task = await self.on_assignment("water", "signAssignment", task)
        task = await self.on_assignment("water", "reportIn", task, personName="李工")
        await self.take("water", "addProgress", CASE, caseId=case["id"], note="正在清淤")
        task = await self.on_assignment("water", "completeAssignment", task, result="已清淤")
        case = await self.on_case("officer_village", "verifyCase", task["case"], passed=True)
        case = await self.on_case("officer_village", "callBack", case, reached=True, satisfaction=5)
        case = await self.on_case("officer_village", "closeCase", case)
        assert case["status"] == "CLOSED"
        case = await self.on_case("officer_village", "acceptCase", await self.report())
        await self.on_case("officer_village", "routeCase", case, organizationId=str(units["SW"]))


async def test_each_step_sends_so_many_messages(county: County, timed_service: Service) -> None:
    with listening(timed_service) as log:
        steps = Steps(county, log)
        await steps.whole_job()
        await steps.whole_job()
    assert {name: len(sent) for name, sent in steps.counts.items()} == COUNTS
    assert steps.counts["reportCase"] == REPORT


async def test_a_report_sends_the_same_with_a_point_and_with_parties(county: County, timed_service: Service) -> None:
    west, south, east, north = BOX
    with listening(timed_service) as log:
        steps = Steps(county, log)
        for _ in range(2):
            await steps.report(
                location={"longitude": west + (east - west) / 8, "latitude": (south + north) / 2},
                parties=[{"name": "张三丰", "role": "applicant"}, {"name": "李四", "role": "respondent"}],
            )
            if steps.counts["reportCase"] == REPORT:
                break
    assert steps.counts["reportCase"] == REPORT


async def test_a_report_sent_again_reads_its_key_and_nothing_else(county: County, timed_service: Service) -> None:
    with listening(timed_service) as log:
        steps = Steps(county, log)
        first = await steps.report(key="once")
        again = await steps.report(key="once")
    assert (again["id"], again["number"]) == (first["id"], first["number"])
    assert steps.counts["reportCase"] == ["BEGIN", "SELECT", "COMMIT"]
