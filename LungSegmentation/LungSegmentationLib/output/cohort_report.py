"""The report on a cohort: one HTML file with Table 1, statistics, tests, charts and the worst cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ..evaluation.cohort_statistics import describe
from ..evaluation.cohort_tables import ALL_SCANS, BETWEEN_GROUPS, CohortStatistics, ComparedSamples, DescribedSample, cohort_statistics
from ..evaluation.failed_pair import FailedPair
from ..evaluation.published_table import GROUP_COLUMNS, mean_and_sd, number_text, p_text, published_cells, published_note, published_table
from ..evaluation.scan_values import BOTH_LUNGS, METRICS, Metric, ScanValues, column, distinct, select, used_metrics
from ..version import __version__
from . import html_parts as html
from .evaluation_charts import BoxSample, draw_bland_altman, draw_box_plots, draw_calibration, draw_roc_curves

if TYPE_CHECKING:
    from PIL import Image

    from ..evaluation.roc import ProbabilityCurves

REPORT_NAME = "cohort_report.html"
_BOX_METRICS = ("dice", "hausdorff_95_mm", "average_surface_distance_mm", "absolute_volume_difference_percent")
_OVERVIEW_METRICS = ("dice", "jaccard", "hausdorff_95_mm", "average_surface_distance_mm", "absolute_volume_difference_percent")
_WORST_OF_ONE_METHOD, _WORST_OF_EACH = 6, 3
_PICTURE_WIDTH = 1200
_MORE_STYLE = """\
details { margin: 0.4rem 0; }
summary { cursor: pointer; font-weight: 600; }
h3 { margin: 1rem 0 0.3rem; font-size: 0.95rem; }
.wide { overflow-x: auto; }
.wide th, .wide td { padding: 0.22rem 0.3rem; }
.note { color: var(--quiet); font-size: 0.85rem; }
td:nth-child(2), td:nth-child(3) { white-space: nowrap; }
.facts td:nth-child(2) { white-space: normal; }
.middle { text-align: center; }
.squares { display: flex; flex-wrap: wrap; gap: 0 1rem; }
.squares figure { flex: 1 1 20rem; max-width: 35rem; }
table + figure { margin-top: 1rem; }
@media print { .wide { overflow-x: visible; } .wide table { font-size: 6.5pt; } }
"""


@dataclass(frozen=True)
class Cohort:
    """What a report is about.

    Parameters
    ----------
    scans : sequence of ScanValues
        At least one; a row a scan, method and region. They need not come from images: a table of figures will do.
    metrics : sequence of Metric
        What to show, in this order; those without any value are passed over.
    curves : mapping of str to ProbabilityCurves
        ROC and calibration, by the name in the legend.
    pictures : mapping of (str, str) to pathlib.Path
        By scan and method: pictures of where a result differs, shown for the worst cases.
    failures : sequence of FailedPair
        Pairs that could not be evaluated.
    notes : sequence of str
        What else a reader must know.
    title : str
    """

    scans: Sequence[ScanValues]
    metrics: Sequence[Metric] = METRICS
    curves: Mapping[str, ProbabilityCurves] = field(default_factory=dict)
    pictures: Mapping[tuple[str, str], Path] = field(default_factory=dict)
    failures: Sequence[FailedPair] = ()
    notes: Sequence[str] = ()
    title: str = "Cohort evaluation"

    @property
    def region(self) -> str:
        """The region that charts and tests show: both lungs, or the first where they are not measured."""
        return BOTH_LUNGS if select(self.scans, region=BOTH_LUNGS) else self.scans[0].region

    @property
    def methods(self) -> list[str]:
        """In the order of the rows."""
        return distinct(row.method for row in self.scans)

    @property
    def groups(self) -> list[str]:
        """In the order of the rows."""
        return distinct(row.group for row in self.scans)


def write_cohort_report(folder: Path, cohort: Cohort, statistics: CohortStatistics | None = None, name: str = REPORT_NAME) -> None:
    """Write the report.

    Parameters
    ----------
    folder : pathlib.Path
        Exists.
    cohort : Cohort
    statistics : CohortStatistics, optional
        Where they are counted already; counted here for None.
    name : str
        Of the file.

    Raises
    ------
    OSError
        When the file cannot be written or a picture cannot be read.
    """
    page = make_cohort_report(cohort, cohort_statistics(cohort.scans, cohort.metrics) if statistics is None else statistics)
    (folder / name).write_text(page, encoding="utf-8")


def make_cohort_report(cohort: Cohort, statistics: CohortStatistics) -> str:
    """Make the report's HTML, in which every value is escaped; parameters as in :func:`write_cohort_report`."""
    sections = [
        _header(cohort),
        html.section("Not evaluated", html.bullets([pair.text for pair in cohort.failures])) if cohort.failures else "",
        html.section("Notes", html.bullets(cohort.notes)) if cohort.notes else "",
        html.section("Methods side by side", _overview(cohort), *_method_tests(cohort, statistics)) if len(cohort.methods) > 1 else "",
        html.section("Table 1", *_published_tables(cohort)),
        html.section("Differences between the groups", *_group_tests(statistics, cohort)) if len(cohort.groups) > 1 else "",
        html.section("Charts", *_charts(cohort, statistics)),
        html.section("Worst cases", *_worst(cohort)),
        html.section("Statistics", *_descriptions(cohort, statistics)),
        html.section("How it was made", _facts()),
    ]
    return html.document(cohort.title, sections, _MORE_STYLE)


def worst_scans(scans: Sequence[ScanValues], method: str, methods: int, region: str = BOTH_LUNGS) -> list[ScanValues]:
    """List a method's scans of the lowest Dice coefficient, the lowest first.

    Parameters
    ----------
    scans : sequence of ScanValues
    method : str
    methods : int
        How many methods there are: of one the six lowest are shown, of several three each.
    region : str

    Returns
    -------
    list of ScanValues
    """
    known = [(dice, row) for row in select(scans, region=region, method=method) if (dice := row.value("dice")) is not None]
    known.sort(key=lambda entry: entry[0])
    return [row for _, row in known[: _WORST_OF_EACH if methods > 1 else _WORST_OF_ONE_METHOD]]


def report_picture(picture: Image.Image) -> Image.Image:
    """Make a picture as small as the report shows it."""
    if picture.width <= _PICTURE_WIDTH:
        return picture
    return picture.resize((_PICTURE_WIDTH, round(picture.height * _PICTURE_WIDTH / picture.width)))


def _header(cohort: Cohort) -> str:
    scans = len(distinct(row.name for row in cohort.scans))
    parts = [f"{scans} scan" + "s" * (scans != 1)]
    for names, word in ((cohort.groups, "groups"), (cohort.methods, "methods")):
        if len(names) > 1:
            parts.append(f"{word}: {', '.join(names)}")
    about = html.paragraph(cohort.title, "scan") + html.paragraph("; ".join(parts))
    notice = "Not a medical device: figures for research, not for diagnosis or treatment."
    return f"<header><h1>LungSegmentation</h1>{about}{html.paragraph(notice, 'notice')}</header>"


def _published_tables(cohort: Cohort) -> list[str]:
    region = select(cohort.scans, region=cohort.region)[0].region_name
    parts = [html.paragraph(f"{region}, in the rows and columns of Gholamiankhah et al., Iran J Med Sci 47 (2022) 440-449.")]
    for method in cohort.methods:
        table = published_table(cohort.scans, method, cohort.region)
        top = html.cell("th", "") + "".join(html.cell("th", group or ALL_SCANS, "middle", len(GROUP_COLUMNS)) for group in table.groups)
        head = ["Parameter", *GROUP_COLUMNS * len(table.groups), "P value"]
        body = [[text or "–" for text in published_cells(row)] for row in table.rows]
        content = html.wide(html.table(head, body, top=top + html.cell("th", ""))) + html.paragraph(published_note(table), "note")
        parts.append(html.folded(method, content) if len(cohort.methods) > 1 else content)
    return parts


def _overview(cohort: Cohort) -> str:
    """Write the mean and SD of the main metrics of each method in each group, and its lowest Dice."""
    metrics = [metric for metric in _shown_metrics(cohort) if metric.key in _OVERVIEW_METRICS]
    body = []
    for group in cohort.groups:
        for method in cohort.methods:
            rows = select(cohort.scans, cohort.region, group, method)
            described = {metric.key: describe(column(rows, metric.key)) for metric in metrics}
            lowest = described["dice"].minimum if "dice" in described else None
            means = [mean_and_sd(described[metric.key], metric.decimals) or "–" for metric in metrics]
            body.append([method, group or ALL_SCANS, str(len(rows)), "–" if lowest is None else f"{lowest:.3f}", *means])
    head = ["Method", "Group", "Scans", "Lowest Dice", *(f"{metric.header}, mean±SD" for metric in metrics)]
    return html.table(head, body, texts=2)


def _method_tests(cohort: Cohort, statistics: CohortStatistics) -> list[str]:
    """Write the tests between methods: Dice in the open, the other metrics folded away."""
    chosen = [entry for entry in _in_region(statistics.compared, cohort) if entry.between != BETWEEN_GROUPS]
    dice = [entry for entry in chosen if entry.metric.key == "dice" and entry.group == ALL_SCANS]
    others = [entry for entry in chosen if entry not in dice]
    note = (
        "Wilcoxon signed-rank test on the scans that both methods have; P after Holm's correction for the metrics tested "
        "between the two. Effect: matched-pairs rank-biserial correlation, above 0 where the first is larger."
    )
    parts = [html.heading("Dice coefficient between each two methods"), _tests(dice), html.paragraph(note, "note")]
    return [*parts, html.folded("Other metrics, and each group", _tests(others)) if others else ""]


def _group_tests(statistics: CohortStatistics, cohort: Cohort) -> list[str]:
    chosen = [entry for entry in _in_region(statistics.compared, cohort) if entry.between == BETWEEN_GROUPS]
    note = (
        "Mann-Whitney U test, two-sided; P after Holm's correction for the metrics tested between the two groups. "
        "Effect: rank-biserial correlation (Cliff's delta), above 0 where the first group's values are larger."
    )
    parts = []
    for method in cohort.methods:
        table = _tests([entry for entry in chosen if entry.method == method])
        parts.append(html.folded(method, table) if len(cohort.methods) > 1 else table)
    return [*parts, html.paragraph(note, "note")]


def _tests(entries: Sequence[ComparedSamples]) -> str:
    body = []
    for entry in entries:
        outcome = entry.outcome
        effect = "–" if outcome.effect is None else f"{outcome.effect:+.2f}"
        statistic = "–" if outcome.statistic is None else f"{outcome.statistic:g}"
        counts = f"{outcome.count_first}" if entry.between != BETWEEN_GROUPS else f"{outcome.count_first} / {outcome.count_second}"
        numbers = (counts, statistic, p_text(outcome.p_value) or "–", p_text(entry.corrected_p) or "–", effect)
        scans = [entry.group] if entry.between != BETWEEN_GROUPS else []
        body.append([entry.metric.header, f"{entry.first} – {entry.second}", *scans, *numbers])
    texts = ["Metric", "Between"] if any(entry.between == BETWEEN_GROUPS for entry in entries) else ["Metric", "Between", "Scans"]
    return html.table([*texts, "Values", "Statistic", "P", "P after Holm", "Effect"], body, texts=len(texts))


def _in_region(entries: Sequence[ComparedSamples], cohort: Cohort) -> list[ComparedSamples]:
    name = select(cohort.scans, region=cohort.region)[0].region_name
    return [entry for entry in entries if entry.region == name]


def _charts(cohort: Cohort, statistics: CohortStatistics) -> list[str]:
    region = select(cohort.scans, region=cohort.region)[0].region_name
    parts = []
    if cohort.curves:
        squares = (
            html.figure(draw_roc_curves(cohort.curves), "ROC curve over all voxels of the scans; AUC: area under the curve"),
            html.figure(draw_calibration(cohort.curves), "Calibration; error: expected calibration error"),
        )
        parts.append(f'<div class="squares">{"".join(squares)}</div>')
        figures = [(c.auc, c.average_precision, c.expected_calibration_error) for c in cohort.curves.values()]
        body = [[name, *(f"{value:.4f}" for value in row)] for name, row in zip(cohort.curves, figures, strict=True)]
        parts.append(html.table(["Probability of lung", "Area under the ROC curve", "Average precision", "Calibration error"], body))
    caption = "Box: quartiles and median; whiskers: the last value within 1.5 interquartile ranges; points: scans"
    for metric in _shown_metrics(cohort):
        if metric.key in _BOX_METRICS:
            picture = draw_box_plots(_box_samples(cohort, metric), f"{metric.title}, {region.lower()}", metric.header)
            parts.append(html.figure(picture, f"{metric.title}. {caption}"))
    for method in cohort.methods:
        chart = _bland_altman_chart(cohort, statistics, method, region)
        if chart is not None:
            text = "Bland-Altman plot; dashed: bias and 95 % limits of agreement, shaded: their 95 % confidence intervals"
            parts.append(html.figure(chart, f"{method}: {text}" if method else text))
    return parts or [html.paragraph("There are no values to draw.")]


def _shown_metrics(cohort: Cohort) -> list[Metric]:
    """List the metrics that have a value in the region that charts show."""
    return used_metrics(select(cohort.scans, region=cohort.region), cohort.metrics)


def _box_samples(cohort: Cohort, metric: Metric) -> list[BoxSample]:
    samples = []
    for group in cohort.groups:
        for method in cohort.methods:
            values = column(select(cohort.scans, cohort.region, group, method), metric.key)
            label = " · ".join(filter(None, (method, group))) or ALL_SCANS
            samples.append(BoxSample(label, group, values))
    return samples


def _bland_altman_chart(cohort: Cohort, statistics: CohortStatistics, method: str, region: str) -> Image.Image | None:
    volumes: dict[str, list[list[float]]] = {}
    for row in select(cohort.scans, region=cohort.region, method=method):
        result, reference = row.value("result_ml"), row.value("reference_ml")
        if result is not None and reference is not None:
            both = volumes.setdefault(row.group or ALL_SCANS, [[], []])
            both[0].append(result)
            both[1].append(reference)
    if not volumes:
        return None
    found = [a.agreement for a in statistics.agreements if (a.method, a.region, a.group) == (method, region, ALL_SCANS)]
    if not found:  # one group that has a name
        found = [a.agreement for a in statistics.agreements if (a.method, a.region) == (method, region)]
    title = " · ".join(filter(None, (f"Volume of {region.lower()}", method)))
    results, references = ({group: both[side] for group, both in volumes.items()} for side in (0, 1))
    return draw_bland_altman(results, references, found[0] if found else None, title)


def _worst(cohort: Cohort) -> list[str]:
    from PIL import Image

    metrics = [metric for metric in _shown_metrics(cohort) if metric.key in _OVERVIEW_METRICS]
    worst = [row for method in cohort.methods for row in worst_scans(cohort.scans, method, len(cohort.methods), cohort.region)]
    if not worst:
        return [html.paragraph("No scan has a Dice coefficient.")]
    titles = [title for title, names in (("Group", cohort.groups), ("Method", cohort.methods)) if any(names)]
    body = []
    for row in worst:
        texts = [getattr(row, title.lower()) for title in titles]
        body.append([row.name, *texts, *(_value(row.value(metric.key), metric) for metric in metrics)])
    parts = [html.table(["Scan", *titles, *(metric.header for metric in metrics)], body, texts=1 + len(titles))]
    for row in worst:
        path = cohort.pictures.get((row.name, row.method))
        if path is not None:
            caption = ", ".join(filter(None, (row.name, row.group, row.method)))
            with Image.open(path) as picture:
                shown = report_picture(picture.convert("RGB"))
            parts.append(html.figure(shown, f"{caption}: Dice coefficient {row.value('dice'):.3f}", "JPEG"))
    return parts


def _descriptions(cohort: Cohort, statistics: CohortStatistics) -> list[str]:
    """Write one table a method and region; that of the main region of one method is open."""
    main = select(cohort.scans, region=cohort.region)[0].region_name
    places: dict[tuple[str, str], list[DescribedSample]] = {}
    for sample in statistics.described:
        if sample.description.count:
            places.setdefault((sample.region, sample.method), []).append(sample)
    parts = []
    for (region, method), samples in sorted(places.items(), key=lambda entry: entry[0][0] != main):
        title = " · ".join(filter(None, (region, method)))
        text = html.wide(_description_table(samples))
        parts.append(html.heading(title) + text if region == main and len(cohort.methods) == 1 else html.folded(title, text))
    note = "95 % interval: bootstrap (BCa) of the mean. Below P = 0.05 the values are hardly from a normal distribution."
    return [*parts, html.paragraph(note, "note")]


def _description_table(samples: Sequence[DescribedSample]) -> str:
    """Write a row a metric and group; the metric's name stands in the first of its rows."""
    body: list[list[str]] = []
    metrics = distinct(sample.metric.header for sample in samples)
    named: set[str] = set()
    for sample in sorted(samples, key=lambda entry: metrics.index(entry.metric.header)):
        about, metric = sample.description, sample.metric
        interval = "–" if about.mean_low is None else f"{_value(about.mean_low, metric)} to {_value(about.mean_high, metric)}"
        quartiles = f"{_value(about.lower_quartile, metric)} to {_value(about.upper_quartile, metric)}"
        numbers = [interval, *(_value(value, metric) for value in (about.minimum, about.median, about.maximum)), quartiles]
        tests = [p_text(value) or "–" for value in (about.shapiro_wilk_p, about.kolmogorov_smirnov_p)]
        name = "" if metric.header in named else metric.header
        named.add(metric.header)
        body.append([name, sample.group, str(about.count), mean_and_sd(about, metric.decimals), *numbers, *tests])
    head = [
        "Metric",
        "Group",
        "n",
        "Mean±SD",
        "95 % interval",
        "Min",
        "Median",
        "Max",
        "Quartiles",
        "Shapiro-Wilk P",
        "Kolmogorov-Smirnov P",
    ]
    return html.table(head, body, texts=2)


def _value(value: float | None, metric: Metric) -> str:
    return "–" if value is None else number_text(value, metric.decimals)


def _facts() -> str:
    facts = {
        "Software": f"LungSegmentation {__version__}",
        "Groups": "Mann-Whitney U test, two-sided (three or more groups in Table 1: Kruskal-Wallis)",
        "Methods": "Wilcoxon signed-rank test on the same scans, two-sided",
        "Correction": "Holm, over the metrics tested between the same two groups or methods in the same region",
        "Normality": "Shapiro-Wilk; Kolmogorov-Smirnov with the sample's own mean and SD (Lilliefors)",
        "Quartiles": "Linear interpolation between order statistics",
    }
    return html.facts(facts)
