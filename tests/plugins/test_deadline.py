"""The timer: whatever a question does, the call ends soon after its limit, and nothing leaks into the host."""

import re
import signal
import threading
import time

import pytest

from gridloom.contract.deadline import LIMIT, Overran, limited

SLACK = 1.5  # a loaded machine; the limit itself is 50 ms


def loop():
    while True:
        pass


def loop_that_swallows_exceptions():
    while True:
        try:
            while True:
                pass
        except Exception:
            continue


def loop_with_a_bare_except():
    while True:
        try:  # noqa: SIM105  the fault under test
            sum(range(50))
        except:  # noqa: E722  the case under test
            pass


def sleep():
    time.sleep(5)


def bad_regular_expression():
    re.match(r"(a+)+$", "a" * 40 + "b")


def swallows_once_and_answers():
    try:
        time.sleep(5)
    except BaseException:
        return "an answer after the limit"


@pytest.mark.parametrize(
    "question",
    [loop, loop_that_swallows_exceptions, loop_with_a_bare_except, sleep, bad_regular_expression,
     swallows_once_and_answers],
)  # fmt: skip
def test_an_endless_question_ends_at_the_limit(question):
    began = time.monotonic()
    with pytest.raises(Overran):
        limited(question)
    assert LIMIT * 0.9 <= time.monotonic() - began < LIMIT + SLACK


def test_an_answer_in_time_is_passed_on_and_the_timers_are_off():
    assert limited(lambda: 42) == 42
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)


def test_an_exception_is_passed_on_and_the_timers_are_off():
    with pytest.raises(ZeroDivisionError):
        limited(lambda: 1 // 0)
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_the_handler_that_stood_before_stands_again():
    def mine(number, frame):
        return None

    before = signal.signal(signal.SIGALRM, mine)
    try:
        limited(lambda: None)
        assert signal.getsignal(signal.SIGALRM) is mine
    finally:
        signal.signal(signal.SIGALRM, before)


def test_calls_that_end_at_the_very_limit_never_leak_into_the_host():
    outcomes = set()
    for number in range(120):
        spin = 0.004 + (number % 20) * 0.0001

        def question(spin=spin):
            until = time.perf_counter() + spin
            while time.perf_counter() < until:
                pass
            return "answered"

        try:
            outcomes.add(limited(question, limit=0.005))
        except Overran:
            outcomes.add("late")
        time.sleep(0.0005)  # a stray signal would raise here
    assert outcomes == {"answered", "late"}


def test_in_another_thread_a_late_answer_is_judged_when_it_returns():
    seen = []

    def run():
        try:
            limited(lambda: time.sleep(0.03), limit=0.01)
        except Overran:
            seen.append("late")
        seen.append(limited(lambda: "in time", limit=0.5))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert seen == ["late", "in time"]
