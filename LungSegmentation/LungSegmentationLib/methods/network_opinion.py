"""What the network says of a scan that another method segments: evidence for the verdict on disease that density does not show."""

from __future__ import annotations

import logging
from importlib.util import find_spec

import numpy as np

from ..anatomy.chest import adult_grid
from ..anatomy.limits import WORKING_VOXEL_MM
from ..errors import InputError, ModelError
from ..network.model_store import find_model
from ..network.onnx_runner import OnnxRunner
from ..network.runners import open_runner
from ..progress import Progress
from ..segmentation import Evidence
from ..volume import CtVolume
from . import limits
from .network import DEFAULT_MODEL, NetworkParameters, network_probabilities

_log = logging.getLogger(__name__)


def network_opinion(volume: CtVolume, progress: Progress) -> Evidence | None:
    """Ask the default network where lung is, in fewer slices than it segments in.

    Parameters
    ----------
    volume : CtVolume
        In the patient's own axes.
    progress : callable

    Returns
    -------
    Evidence or None
        None where the network is not there, or would run in numpy, which takes several times as long as the method itself.
    """
    if find_spec("onnxruntime") is None:
        return None
    try:
        model = find_model(DEFAULT_MODEL)
        runner = open_runner(model)
        if not isinstance(runner, OnnxRunner):
            return None
        whole, _ = adult_grid(volume, WORKING_VOXEL_MM, model.card.input.body_crop)
        parameters = NetworkParameters(mirror_averaging=False, slice_step_mm=limits.OPINION_SLICE_MM)
        probabilities = network_probabilities(whole, model.card, runner, parameters, progress)
    except (InputError, ModelError) as error:
        _log.info("the network was not asked: %s", error)
        return None
    share = np.rint(255 * np.clip(probabilities.right + probabilities.left, 0, 1)).astype(np.uint8)
    return Evidence(whole.factors_zyx, share, is_second_opinion=True)
