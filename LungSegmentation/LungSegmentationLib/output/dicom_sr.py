"""The measures of a result as a DICOM structured report (template TID 1500, DICOM PS3.16) that refers to its segmentation object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..labels import VESSEL_REGIONS, Code, Region
from ..segmentation import Segmentation
from ..tables.rows import Cell
from .dicom_seg import MANUFACTURER, coded, own_series, segments_of
from .dicom_source import DicomSource

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from ..measures import Measures

_SERIES_NUMBER = 901
_HU, _PERCENT, _ML, _GRAM = (Code(value, meaning, "UCUM") for value, meaning in (
    ("[hnsf'U]", "Hounsfield unit"), ("%", "Percent"), ("ml", "Milliliter"), ("g", "Gram"),
))  # fmt: skip
_ATTENUATION = Code("112031", "Attenuation Coefficient", "DCM")
_OWN = "99LUNGSEG"  # a private coding scheme: no standard has codes of these
_VOLUME = Code("118565006", "Volume")

# Column of the table of densities, concept, derivation, unit.
_DENSITIES: tuple[tuple[str, Code, Code | None, Code], ...] = (
    ("mean_hu", _ATTENUATION, Code("373098007", "Mean"), _HU),
    ("sd_hu", _ATTENUATION, Code("386136009", "Standard Deviation"), _HU),
    ("p15_hu", Code("PERC15", "15th percentile of density", _OWN), None, _HU),
    ("laa950_percent", Code("LAA950", "Share of the lung below -950 HU", _OWN), None, _PERCENT),
    ("laa910_percent", Code("LAA910", "Share of the lung below -910 HU", _OWN), None, _PERCENT),
    ("laa856_percent", Code("LAA856", "Share of the lung below -856 HU", _OWN), None, _PERCENT),
    ("high_percent", Code("HAA", "Share of the lung from -600 to -250 HU", _OWN), None, _PERCENT),
    ("mass_g", Code("118538004", "Mass"), None, _GRAM),
)


def make_report(result: Segmentation, measures: Measures, source: DicomSource, segmentation: Dataset) -> Dataset:
    """Make the report: for each segment its volume, and for the lungs their density.

    Parameters
    ----------
    result : Segmentation
    measures : Measures
    source : DicomSource
    segmentation : pydicom.dataset.Dataset
        Of the same result, from :func:`.dicom_seg.make_segmentation`.

    Returns
    -------
    pydicom.dataset.Dataset
    """
    import highdicom
    from highdicom import sr
    from pydicom.dataset import Dataset

    device = sr.DeviceObserverIdentifyingAttributes(uid=highdicom.UID(), name=MANUFACTURER, manufacturer_name=MANUFACTURER)
    observer = sr.ObserverContext(coded(Code("121007", "Device", "DCM")), device)
    groups = [_measured(number, region, measures, source, segmentation) for number, region in enumerate(segments_of(result), 1)]
    report = sr.MeasurementReport(
        observation_context=sr.ObservationContext(observer_device_context=observer),
        procedure_reported=coded(Code("24627-2", "CT Chest", "LN")),
        imaging_measurements=groups,
        title=coded(Code("126000", "Imaging Measurement Report", "DCM")),
    )
    document = sr.ComprehensiveSR(
        evidence=[segmentation, *source.headers],
        content=report[0],
        **own_series(_SERIES_NUMBER),
        series_description="Lung measurements",
        is_complete=True,
    )
    scheme = Dataset()
    scheme.CodingSchemeDesignator, scheme.CodingSchemeName = _OWN, "LungSegmentation: measures that no standard has codes of"
    document.CodingSchemeIdentificationSequence = [scheme]
    return document


def _measured(number: int, region: Region, measures: Measures, source: DicomSource, segmentation: Dataset) -> Any:
    from highdicom import sr

    item = segmentation.SegmentSequence[number - 1]
    site = coded(region.anatomic_code or region.type_code)
    side = region.anatomic_modifier_code or region.modifier_code
    return sr.VolumetricROIMeasurementsAndQualitativeEvaluations(
        tracking_identifier=sr.TrackingIdentifier(item.TrackingUID, region.name),
        referenced_segment=sr.ReferencedSegment(
            segmentation.SOPClassUID,
            segmentation.SOPInstanceUID,
            number,
            source_series=sr.SourceSeriesForSegmentation(source.headers[0].SeriesInstanceUID),
        ),
        finding_category=coded(Code("123037004", "Anatomical Structure")),
        finding_type=coded(region.type_code),
        finding_sites=[sr.FindingSite(site, None if side is None else coded(side))],
        measurements=[
            sr.Measurement(coded(concept), float(value), coded(unit), derivation=None if derivation is None else coded(derivation))
            for concept, derivation, unit, value in _values(region, measures)
        ],
    )


def _values(region: Region, measures: Measures) -> list[tuple[Code, Code | None, Code, float]]:
    if region in VESSEL_REGIONS:
        lung = "right" if region.key.startswith("right") else "left"
        row = _row(measures, "volumes", f"{lung.capitalize()} lung")
        share, volume_ml = row.get("vessel_percent"), row.get("volume_ml")
        return [] if share is None or volume_ml is None else [(_VOLUME, None, _ML, float(share) / 100 * float(volume_ml))]
    volume = next(measure.volume_ml for measure in measures.volumes if measure.key == region.key)
    densities = _row(measures, "density", region.name)
    known = ((concept, derivation, unit, densities.get(key)) for key, concept, derivation, unit in _DENSITIES)
    found = [(concept, derivation, unit, float(value)) for concept, derivation, unit, value in known if value is not None]
    return [(_VOLUME, None, _ML, volume), *found]


def _row(measures: Measures, table: str, region: str) -> dict[str, Cell]:
    return next((row for row in measures.tables[table].rows if row["region"] == region), {})
