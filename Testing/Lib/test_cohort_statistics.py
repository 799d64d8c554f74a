"""Statistics of a cohort, against published examples, enumeration, and independent implementations."""

import itertools
import math
import statistics

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.diagnostic import lilliefors
from statsmodels.stats.multitest import multipletests

from LungSegmentationLib.evaluation.agreement import bland_altman
from LungSegmentationLib.evaluation.cohort_statistics import Description, bootstrap_interval, describe, kolmogorov_smirnov, shapiro_wilk
from LungSegmentationLib.evaluation.cohort_tables import (
    ALL_SCANS,
    agreement_table,
    cohort_statistics,
    differences_table,
    scans_table,
    statistics_table,
)
from LungSegmentationLib.evaluation.hypothesis_tests import holm, kruskal_wallis, mann_whitney, wilcoxon
from LungSegmentationLib.evaluation.scan_values import METRICS, ScanValues

NUMBERS = st.floats(-1e6, 1e6, allow_subnormal=False)
DISTINCT = st.lists(st.integers(-1000, 1000), min_size=4, max_size=10, unique=True)


@given(st.lists(NUMBERS, min_size=2, max_size=30))
@settings(max_examples=40, deadline=None)
def test_location_and_spread_are_those_of_the_standard_library(values):
    about = describe(values)
    quartiles = statistics.quantiles(values, n=4, method="inclusive")
    assert about.mean == pytest.approx(statistics.fmean(values), abs=1e-9, rel=1e-9)
    assert about.sd == pytest.approx(statistics.stdev(values), rel=1e-6, abs=1e-6)
    assert [about.lower_quartile, about.median, about.upper_quartile] == pytest.approx(quartiles, rel=1e-9, abs=1e-9)
    assert about.interquartile_range == pytest.approx(quartiles[2] - quartiles[0], abs=1e-6)
    assert (about.minimum, about.maximum, about.count, about.missing) == (min(values), max(values), len(values), 0)


def test_missing_values_are_counted_and_passed_over():
    values = [0.9, None, 0.8, math.nan, 0.7, math.inf, 0.95, 0.85]
    whole = describe([0.9, 0.8, 0.7, 0.95, 0.85])
    assert describe(values) == Description(**{**vars(whole), "missing": 3})
    assert describe([None, math.nan]) == Description(0, 2)


def test_too_few_and_equal_values_have_no_test():
    one, two, same = describe([0.5]), describe([0.5, 0.7]), describe([0.1 + 0.2, 0.3, 0.3, 0.3, 0.3])
    assert (one.mean, one.sd, one.mean_low, one.interquartile_range, one.shapiro_wilk_p) == (0.5, None, None, 0.0, None)
    assert two.sd == pytest.approx(0.2 / 2**0.5)
    assert (two.mean_low, two.shapiro_wilk_p, two.kolmogorov_smirnov_p) == (None, None, None)
    assert (same.mean_low, same.mean_high) == (pytest.approx(0.3), pytest.approx(0.3))
    assert (same.shapiro_wilk_w, same.shapiro_wilk_p, same.kolmogorov_smirnov_d, same.kolmogorov_smirnov_p) == (None,) * 4


def _bca_interval(sample: np.ndarray) -> tuple[float, float]:
    """Write Efron's formula (1987) out, with other random numbers and four times as many resamples."""
    random = np.random.default_rng(77)
    means = np.sort(random.choice(sample, (20_000, sample.size)).mean(axis=1))
    bias = stats.norm.ppf((np.sum(means < sample.mean()) + 0.5 * np.sum(means == sample.mean())) / means.size)
    without_one = (sample.sum() - sample) / (sample.size - 1)
    spread = without_one.mean() - without_one
    acceleration = (spread**3).sum() / (6 * (spread**2).sum() ** 1.5)
    ends = [stats.norm.cdf(bias + (bias + z) / (1 - acceleration * (bias + z))) for z in stats.norm.ppf([0.025, 0.975])]
    return tuple(np.quantile(means, ends))


def test_the_bootstrap_interval_is_efrons_and_always_the_same():
    sample = 1 - np.random.default_rng(3).gamma(1.5, 0.02, 25)
    low, high = bootstrap_interval(sample)
    assert (low, high) == pytest.approx(_bca_interval(sample), abs=0.04 * (high - low))
    assert bootstrap_interval(sample[::-1]) == (low, high)
    outlier = bootstrap_interval(np.array([0.0, 0.0, 0.0, 0.0, 1.0]))
    assert 0 <= outlier[0] <= 0.2 < outlier[1] <= 1


def test_shapiro_wilk_gives_the_published_example():
    """Weights of 11 men, from Shapiro and Wilk (1965), where W is 0.79."""
    weights = np.array([148, 154, 158, 160, 161, 162, 166, 170, 182, 195, 236], float)
    result = shapiro_wilk(weights)
    assert result.statistic == pytest.approx(0.79, abs=0.005)
    assert result.p_value == pytest.approx(0.0067, abs=0.0005)
    assert shapiro_wilk(weights * 1e-9 + 0.97).p_value == pytest.approx(result.p_value, rel=1e-4)


@pytest.mark.parametrize(("count", "power"), [(8, 1.5), (25, 1.25), (120, 1.1)])
def test_kolmogorov_smirnov_is_that_of_lilliefors(count, power):
    random = np.random.default_rng(count)
    compared = 0
    for _ in range(30):
        sample = np.exp(random.standard_normal(count) * (power - 1))
        distance, p_value = lilliefors(sample, dist="norm", pvalmethod="approx")  # by the formula of Dallal and Wilkinson (1986)
        result = kolmogorov_smirnov(sample)
        assert result.statistic == pytest.approx(distance, abs=1e-12)
        if p_value < 0.1:  # where their formula holds
            assert result.p_value == pytest.approx(p_value, abs=0.008)
            compared += 1
    assert compared >= 3


@pytest.mark.parametrize("count", [4, 12, 25, 60])
def test_kolmogorov_smirnov_is_scipys_goodness_of_fit_with_the_same_random_numbers(count):
    sample = 1 - np.random.default_rng(count).gamma(1.5, 0.01, count)
    result = kolmogorov_smirnov(sample)
    random = np.random.default_rng(20220501)
    expected = stats.goodness_of_fit(stats.norm, sample, statistic="ks", n_mc_samples=10_000, random_state=random)
    assert result.statistic == pytest.approx(expected.statistic, abs=1e-12)
    assert result.p_value == pytest.approx(expected.pvalue, abs=2e-4)


def test_normal_samples_are_called_not_normal_as_often_as_p_says():
    random = np.random.default_rng(5)
    p_values = [kolmogorov_smirnov(random.standard_normal(20)).p_value for _ in range(2000)]
    assert np.mean(np.array(p_values) < 0.05) == pytest.approx(0.05, abs=0.015)
    assert np.mean(p_values) == pytest.approx(0.5, abs=0.02)


@given(DISTINCT, st.data())
@settings(max_examples=25, deadline=None)
def test_mann_whitney_is_exact_for_few_values(values, data):
    """P is the share of all ways to split the values that are as uneven; the effect is Cliff's, counted pair by pair."""
    size = data.draw(st.integers(2, len(values) - 2))
    first, second = values[:size], values[size:]

    def u_of(sample):
        rest = [value for value in values if value not in sample]
        return sum(a > b for a in sample for b in rest)

    every = np.array([u_of(sample) for sample in itertools.combinations(values, size)])
    u = u_of(first)
    outcome = mann_whitney(first, second)
    assert outcome.statistic == u
    assert outcome.p_value == pytest.approx(min(1.0, 2 * min((every <= u).mean(), (every >= u).mean())))
    delta = np.mean([np.sign(a - b) for a in first for b in second])
    assert outcome.effect == pytest.approx(delta)
    assert mann_whitney(second, first).effect == pytest.approx(-delta)


def test_mann_whitney_of_many_values_is_the_normal_approximation_with_ties():
    random = np.random.default_rng(8)
    a, b = np.round(random.normal(0.97, 0.02, 60), 2), np.round(random.normal(0.96, 0.03, 45), 2)
    ranks = stats.rankdata(np.concatenate([a, b]))
    u = ranks[:60].sum() - 60 * 61 / 2
    _, ties = np.unique(ranks, return_counts=True)
    variance = 60 * 45 / 12 * (106 - (ties**3 - ties).sum() / (105 * 104))
    z = (abs(u - 60 * 45 / 2) - 0.5) / variance**0.5
    outcome = mann_whitney(a, b)
    assert (outcome.statistic, outcome.p_value) == (u, pytest.approx(2 * stats.norm.sf(z), rel=1e-9))


def test_tests_give_the_published_examples():
    """Hollander and Wolfe, Nonparametric Statistical Methods (1973): permeability, depression scale, mucociliary clearance."""
    term = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
    weeks = [1.15, 0.88, 0.90, 0.74, 1.21]
    permeability = mann_whitney(term, weeks)
    assert (permeability.statistic, permeability.p_value) == (35, pytest.approx(2 * 0.1272, abs=2e-4))
    before = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
    after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]
    depression = wilcoxon(before, after)
    assert (depression.statistic, depression.p_value) == (40, pytest.approx(2 * 0.01953, abs=2e-5))
    assert depression.effect == pytest.approx((40 - 5) / 45)
    clearance = kruskal_wallis([[2.9, 3.0, 2.5, 2.6, 3.2], [3.8, 2.7, 4.0, 2.4], [2.8, 3.4, 3.7, 2.2, 2.0]])
    assert (clearance.statistic, clearance.p_value) == (pytest.approx(0.77143, abs=1e-5), pytest.approx(0.68, abs=1e-3))


def _signed_rank_p(differences) -> float:
    """Count in how many of all ways to give the ranks signs their sum is as far from its middle."""
    ranks = stats.rankdata(np.abs(differences))
    every = np.array(list(itertools.product([0, 1], repeat=len(ranks)))) @ ranks
    larger = ranks[np.asarray(differences) > 0].sum()
    return min(1.0, 2 * min((every <= larger).mean(), (every >= larger).mean()))


@given(st.lists(st.integers(1, 12), min_size=2, max_size=10), st.data())
@settings(max_examples=25, deadline=None)
def test_wilcoxon_is_exact_for_few_pairs(sizes, data):
    signs = data.draw(st.lists(st.sampled_from([-1, 1]), min_size=len(sizes), max_size=len(sizes)))
    second = np.arange(len(sizes)) * 7.0
    first = second + np.multiply(sizes, signs)
    ranks = stats.rankdata(sizes)
    larger = sum(r for r, s in zip(ranks, signs, strict=True) if s > 0)
    outcome = wilcoxon([*first, None, 3.0], [*second, 1.0, math.nan])
    assert (outcome.statistic, outcome.count_first) == (larger, len(sizes))
    assert outcome.p_value == pytest.approx(_signed_rank_p(first - second))
    assert -1 <= outcome.effect <= 1
    assert wilcoxon(second, first).effect == pytest.approx(-outcome.effect)


def _signed_rank_p_of_many(differences) -> float:
    """Take the normal approximation with a correction for ties."""
    ranks, count = stats.rankdata(np.abs(differences)), len(differences)
    _, ties = np.unique(ranks, return_counts=True)
    variance = count * (count + 1) * (2 * count + 1) / 24 - (ties**3 - ties).sum() / 48
    return 2 * stats.norm.sf(abs(ranks[differences > 0].sum() - count * (count + 1) / 4) / variance**0.5)


def test_wilcoxon_of_many_pairs_is_the_normal_approximation_which_the_exact_one_comes_close_to():
    differences = np.round(np.random.default_rng(9).normal(0.4, 1.5, 200))
    differences = differences[differences != 0][:80]
    assert wilcoxon(differences, np.zeros(80)).p_value == pytest.approx(_signed_rank_p_of_many(differences), rel=1e-9)
    fewer = differences[:50]
    assert wilcoxon(fewer, np.zeros(50)).p_value == pytest.approx(_signed_rank_p_of_many(fewer), abs=0.005)


def test_differences_that_only_rounding_parts_share_a_rank_and_equal_pairs_have_none():
    outcome = wilcoxon([0.9, 0.6, 0.5, 0.4], [0.8, 0.7, 0.5, 0.1])  # 0.1, -0.1, 0, 0.3
    assert outcome.statistic == 1.5 + 3
    assert outcome.effect == pytest.approx((4.5 - 1.5) / 6)


def test_tests_without_enough_or_without_different_values_say_so():
    for outcome in (mann_whitney([0.9], [0.8, 0.7]), mann_whitney([0.9, None], [0.8, 0.7]), wilcoxon([1.0, None], [2.0, 3.0])):
        assert (outcome.statistic, outcome.p_value, outcome.effect) == (None, None, None)
    assert kruskal_wallis([[1.0, 2.0], [3.0]]).p_value is None
    same = [0.9, 0.9, 0.9]
    assert (mann_whitney(same, same).p_value, mann_whitney(same, same).effect) == (1.0, 0.0)
    assert (wilcoxon(same, same).p_value, wilcoxon(same, same).effect) == (1.0, 0.0)
    assert kruskal_wallis([same, same, same]).p_value == 1.0


@given(st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=20))
@settings(max_examples=8, deadline=None)
def test_holms_correction_is_that_of_statsmodels(p_values):
    known = [p for p in p_values if p is not None]
    corrected = holm(p_values)
    assert [p is None for p in corrected] == [p is None for p in p_values]
    if known:
        assert [p for p in corrected if p is not None] == pytest.approx(multipletests(known, method="holm")[1])


def test_agreement_gives_the_example_of_bland_and_altman():
    """Peak flow of 17 people by two meters, Lancet 1986: mean difference -2.1, SD 38.8, its interval -22.0 to 17.8."""
    wright = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
    mini = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]
    found = bland_altman([*wright, None], [*mini, 3.0])
    assert found.count == 17
    assert (found.bias, found.sd) == (pytest.approx(-2.1, abs=0.05), pytest.approx(38.8, abs=0.05))
    assert (found.bias_low, found.bias_high) == (pytest.approx(-22.0, abs=0.1), pytest.approx(17.8, abs=0.1))
    assert (found.lower_limit, found.upper_limit) == (pytest.approx(-2.118 - 1.96 * 38.765, abs=0.01), pytest.approx(73.86, abs=0.01))
    # They give ± 34.6, with 3/n under the root, a rounded form of the formula used here.
    assert (found.lower_limit_high - found.lower_limit, found.upper_limit_high - found.upper_limit) == (pytest.approx(34.6, abs=0.3),) * 2
    assert bland_altman(wright[:2], mini[:2]) is None


def test_intervals_of_the_limits_hold_the_true_limits():
    differences = np.random.default_rng(4).normal(5.0, 20.0, (1500, 15))
    found = [bland_altman(row, np.zeros(15)) for row in differences]
    hits = {
        "bias": np.mean([f.bias_low < 5 < f.bias_high for f in found]),
        "lower": np.mean([f.lower_limit_low < 5 - 1.96 * 20 < f.lower_limit_high for f in found]),
        "upper": np.mean([f.upper_limit_low < 5 + 1.96 * 20 < f.upper_limit_high for f in found]),
    }
    assert hits == {"bias": pytest.approx(0.95, abs=0.02), "lower": pytest.approx(0.95, abs=0.03), "upper": pytest.approx(0.95, abs=0.03)}


@pytest.fixture(scope="module")
def cohort() -> list[ScanValues]:
    """Give two groups of twelve scans by two methods, in no order; method b is better by 0.001 on all but one scan."""
    random = np.random.default_rng(12)
    scans = []
    for number in range(24):
        group = "normal" if number < 12 else "sick"
        dice = 0.98 - random.gamma(2, 0.004 + 0.01 * (group == "sick"))
        reference_ml = random.normal(5000, 600)
        for method, more in (("a", 0.0), ("b", 0.001 if number else -0.02)):
            values = {"dice": dice + more, "hausdorff_95_mm": random.gamma(2, 2), "sensitivity": dice, "reference_ml": reference_ml}
            values["result_ml"] = reference_ml + random.normal(-20, 30)
            if number == 5 and method == "a":
                values["hausdorff_95_mm"] = None
            scans.append(ScanValues(f"scan {number}", group, method, "both_lungs", values))
    return [scans[place] for place in random.permutation(len(scans))]


@pytest.fixture(scope="module")
def counted(cohort):
    return cohort_statistics(cohort)


def _values(scans, key, **chosen):
    rows = sorted((s for s in scans if all(getattr(s, name) == value for name, value in chosen.items())), key=lambda s: s.name)
    return [row.values[key] for row in rows]


def test_a_cohort_is_described_in_each_group_and_over_all(cohort, counted):
    described = {(s.method, s.group, s.metric.key): s.description for s in counted.described}
    keys = {"dice", "hausdorff_95_mm", "sensitivity", "reference_ml", "result_ml"}
    assert set(described) == set(itertools.product("ab", ("normal", "sick", ALL_SCANS), keys))
    for group in ("normal", "sick"):
        assert described["b", group, "dice"].mean == pytest.approx(np.mean(_values(cohort, "dice", method="b", group=group)))
    assert described["a", ALL_SCANS, "dice"].median == pytest.approx(np.median(_values(cohort, "dice", method="a")))
    assert (described["a", "normal", "hausdorff_95_mm"].count, described["a", "normal", "hausdorff_95_mm"].missing) == (11, 1)


def test_groups_are_tested_within_a_method_and_methods_on_the_same_scans(cohort, counted):
    groups = [entry for entry in counted.compared if entry.between == "groups"]
    methods = {(entry.group, entry.metric.key): entry for entry in counted.compared if entry.between == "methods"}
    assert {(entry.method, entry.metric.key) for entry in groups} == set(itertools.product("ab", ("dice", "hausdorff_95_mm")))
    assert set(methods) == set(itertools.product((ALL_SCANS, "normal", "sick"), ("dice", "hausdorff_95_mm")))
    for entry in groups:
        samples = [_values(cohort, entry.metric.key, method=entry.method, group=group) for group in (entry.first, entry.second)]
        samples = [[value for value in sample if value is not None] for sample in samples]
        assert entry.outcome.p_value == pytest.approx(stats.mannwhitneyu(*samples).pvalue)
    first, second = methods[ALL_SCANS, "dice"].first, methods[ALL_SCANS, "dice"].second
    for group in ("normal", "sick"):
        pairs = [_values(cohort, "dice", method=method, group=group) for method in (first, second)]
        assert methods[group, "dice"].outcome.p_value == pytest.approx(_signed_rank_p(np.round(np.subtract(*pairs), 9)))
    assert methods["sick", "dice"].outcome.effect == (1.0 if first == "b" else -1.0)
    assert methods["normal", "hausdorff_95_mm"].outcome.count_first == 11
    for family in ([e for e in groups if e.method == "a"], [e for key, e in methods.items() if key[0] == "sick"]):
        expected = multipletests([entry.outcome.p_value for entry in family], method="holm")[1]
        assert [entry.corrected_p for entry in family] == pytest.approx(expected)


def test_agreements_and_tables_have_a_row_for_each_sample(cohort, counted):
    table = agreement_table(counted.agreements)
    assert [(row["method"], row["group"], row["count"]) for row in table.rows if row["method"] == "a"] == [
        ("a", row["group"], 24 if row["group"] == ALL_SCANS else 12) for row in table.rows if row["method"] == "a"
    ]
    row = next(row for row in table.rows if (row["method"], row["group"]) == ("b", "sick"))
    volumes = [_values(cohort, key, method="b", group="sick") for key in ("result_ml", "reference_ml")]
    assert row["bias"] == pytest.approx(np.subtract(*volumes).mean())
    assert row["sd"] == pytest.approx(np.subtract(*volumes).std(ddof=1))
    values = scans_table(cohort)
    assert [column.key for column in values.columns[4:]] == [metric.key for metric in METRICS if metric.key in cohort[0].values]
    assert [(r["name"], r["method"], r["dice"]) for r in values.rows] == [(s.name, s.method, s.values["dice"]) for s in cohort]
    for table, entries in (
        (statistics_table(counted.described), counted.described),
        (differences_table(counted.compared), counted.compared),
    ):
        assert [row["metric"] for row in table.rows] == [entry.metric.header for entry in entries]
        assert all(set(row) == {column.key for column in table.columns} for row in table.rows)
