"""Every format's wrong inputs."""

from __future__ import annotations

from . import Malformed, cards, meta_image, nifti, nifti_2_and_pairs, not_files, nrrd, pair_lists, seg_nrrd

FORMATS: dict[str, list[Malformed]] = {
    "NIfTI": nifti.CASES,
    "NIfTI-2 and pairs": nifti_2_and_pairs.CASES,
    "NRRD": nrrd.CASES,
    "MetaImage": meta_image.CASES,
    "seg.nrrd": seg_nrrd.CASES,
    "network cards": cards.CASES,
    "lists of pairs": pair_lists.CASES,
    "no files": not_files.CASES,
}
