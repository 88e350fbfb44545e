"""The tables of steps, as tables: sound, and walked at random."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridloom.behaviours.models import MatterRow
from gridloom.behaviours.register import BEHAVIOURS
from gridloom.behaviours.seats import places_of
from gridloom.behaviours.standing import in_turn
from gridloom.behaviours.writing import owner_after
from gridloom.contract.forms import fields_of

ORIGIN, COUNTERPART, SUPERVISOR = UUID(int=1), UUID(int=2), UUID(int=3)
PARTIES = frozenset((ORIGIN, COUNTERPART, SUPERVISOR))
EVERY = pytest.mark.parametrize("behaviour", BEHAVIOURS.values(), ids=lambda one: one.key)


def matter(state):
    return MatterRow(
        owner_id=ORIGIN, origin_id=ORIGIN, counterpart_id=COUNTERPART, supervisor_id=SUPERVISOR, state=state
    )


@EVERY
def test_every_state_is_reached_and_every_matter_can_end(behaviour):
    for part in behaviour.parts:
        steps = [step for step in behaviour.steps if step.part == part.key]
        reached = {step.target for step in steps if not step.source}
        for _ in part.states:
            reached |= {step.target for step in steps if step.target and set(step.source) & reached}
        assert reached == {state.key for state in part.states}
        ending = {state.key for state in part.states if state.ends}
        for _ in part.states:
            ending |= {source for step in steps if step.target in ending for source in step.source}
        assert ending == {state.key for state in part.states}


@EVERY
def test_nothing_follows_an_end_and_names_are_unique(behaviour):
    ends = {state.key for part in behaviour.parts for state in part.states if state.ends}
    assert [step.key for step in behaviour.steps if set(step.source) & ends] == []
    assert len({step.key for step in behaviour.steps}) == len(behaviour.steps)
    mutations = [step.mutation for step in behaviour.steps if step.source]
    assert len(set(mutations)) == len(mutations)
    assert all(mutations)


def test_core_mutations_have_one_name_in_all_behaviours():
    steps = {step for one in BEHAVIOURS.values() for step in one.steps if step.mutation}  # behaviours may share steps
    assert len({step.mutation for step in steps}) == len(steps)


@EVERY
def test_every_form_of_core_can_be_shown(behaviour):
    for step in behaviour.steps:
        for field in fields_of(step.form):
            assert field.title != field.name, f"{step.key}.{field.name} has no title"


@EVERY
@given(data=st.data())
def test_random_histories_stay_in_the_table_with_one_owner(behaviour, data):
    part = data.draw(st.sampled_from(behaviour.parts))
    first = next(step for step in behaviour.steps if step.part == part.key and not step.source)
    row = matter(first.target)
    row.owner_id = owner_after(row, first)
    taken = {first.key: "somebody"}
    for _ in range(20):
        following = [
            step for step in behaviour.after(row.state) if step.part == part.key and in_turn(step, taken)
        ]
        assert behaviour.state(row.state).ends == (not following)
        if not following:
            break
        step = data.draw(st.sampled_from(following))
        assert places_of(step, row.owner_id, row.origin_id, row.counterpart_id, row.supervisor_id) <= PARTIES
        row.state, row.owner_id = step.leads_to(row.state), owner_after(row, step)
        taken[step.key] = "somebody"
        assert row.state in {state.key for state in part.states}
        assert row.owner_id in PARTIES


@given(data=st.data())
def test_a_handover_is_the_senders_until_accepted_and_after_the_receipt(data):
    behaviour = BEHAVIOURS["handover_out"]
    row = matter("OFFERED")
    for _ in range(12):
        if not behaviour.after(row.state):
            break
        step = data.draw(st.sampled_from(behaviour.after(row.state)))
        row.state, row.owner_id = step.leads_to(row.state), owner_after(row, step)
        expected = COUNTERPART if row.state in ("ACCEPTED", "ANSWERED") else ORIGIN
        assert row.owner_id == expected
