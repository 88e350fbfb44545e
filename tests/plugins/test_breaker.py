"""The breaker: three failures in a minute, thirty seconds of rest, one trial."""

from gridloom.contract.breaker import Breaker


class Watch:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def test_three_failures_within_a_minute_open_it_for_thirty_seconds():
    watch = Watch()
    breaker = Breaker(watch)
    for _ in range(3):
        assert breaker.allows()
        breaker.broke()
        watch.now += 10
    assert not breaker.allows()
    watch.now += 19.9
    assert not breaker.allows()


def test_failures_spread_over_more_than_a_minute_do_not_open_it():
    watch = Watch()
    breaker = Breaker(watch)
    for _ in range(10):
        breaker.broke()
        watch.now += 31
    assert breaker.allows()


def test_one_trial_closes_it_or_opens_it_again():
    watch = Watch()
    breaker = Breaker(watch)
    for _ in range(3):
        breaker.broke()
    watch.now += 30
    assert [breaker.allows(), breaker.allows()] == [True, False]
    breaker.broke()
    assert not breaker.allows()
    watch.now += 30
    assert breaker.allows()
    breaker.succeeded()
    assert [breaker.allows(), breaker.allows()] == [True, True]
