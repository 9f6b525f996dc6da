"""The arithmetic of measurements."""

import math

from hypothesis import given
from hypothesis import strategies as st

from bench.figures import Spread, per_request, percentile


def test_the_median_of_three_is_the_middle_one():
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0


def test_the_99th_percentile_of_a_hundred_leaves_out_one():
    assert percentile([float(number) for number in range(1, 101)], 0.99) == 99.0


def test_nothing_has_no_percentile():
    assert math.isnan(percentile([], 0.5))


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0, 1))
def test_enough_values_lie_at_or_below_a_percentile(values: list[float], share: float):
    found = percentile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-6


def test_a_spread_counts_and_knows_its_longest():
    assert Spread.of([5.0, 1.0, 9.0]) == Spread(count=3, p50=5.0, p99=9.0, longest=9.0)


def test_a_spread_of_nothing_is_unknown():
    spread = Spread.of([])
    assert spread.count == 0
    assert math.isnan(spread.p99)


def test_what_would_have_been_spent_anyway_is_no_request_s_cost():
    cost = per_request({"booking worker": 3.0}, {"booking worker": 0.1}, seconds=10, requests=1000)
    assert cost == {"booking worker": 2.0}


def test_a_cost_is_never_below_zero():
    assert per_request({"valkey": 0.1}, {"valkey": 0.2}, seconds=10, requests=5) == {"valkey": 0.0}


def test_without_requests_there_is_no_cost_per_request():
    assert math.isnan(per_request({"valkey": 0.1}, {}, seconds=1, requests=0)["valkey"])
