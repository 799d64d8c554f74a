"""Volume nodes against Slicer's own readers, and against ITK."""

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from LungSegmentationLib.errors import InputError
from LungSegmentationLib.labels import REGIONS
from LungSegmentationLib.segmentation import Segmentation
from LungSegmentationLib.volume import CtVolume, to_canonical

slicer = pytest.importorskip("slicer", reason="slicer-core is not installed")
pytest.importorskip("slicer.util")
vtk = pytest.importorskip("vtk")
from LungSegmentationAdapter.Scene import Nodes, Segments  # noqa: E402

from .node_helpers import addTransform, assertSameVolume, assertSegments, makeVolume, rigid, segmentMasks  # noqa: E402


class TestVolume:
    @pytest.mark.parametrize("ending", ["nrrd", "nii.gz", "mha"])
    def test_file_opened_by_slicer_lies_where_itk_says(self, mrmlScene, direction, ending, tmp_path):
        expected = makeVolume(direction=direction)
        image = sitk.GetImageFromArray(expected.voxels_hu)
        image.SetSpacing(expected.spacing_zyx_mm[::-1])
        image.SetOrigin(expected.origin_lps_mm)
        image.SetDirection(direction.ravel())
        sitk.WriteImage(image, str(tmp_path / f"ct.{ending}"))
        actual = Nodes.ctVolumeFromNode(slicer.util.loadVolume(str(tmp_path / f"ct.{ending}")))
        assert actual.source["path"] == str(tmp_path / f"ct.{ending}")
        # Slicer's readers reverse the slices of left-handed files, so compare in canonical order.
        assertSameVolume(to_canonical(actual)[0], to_canonical(expected)[0])

    @settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        quaternion=st.tuples(*[st.floats(-1, 1)] * 4).filter(lambda q: np.linalg.norm(q) > 0.1),
        mirrored=st.booleans(),
        spacing=st.tuples(*[st.floats(0.3, 5)] * 3),
        origin=st.tuples(*[st.floats(-500, 500)] * 3),
    )
    def test_any_geometry_survives_and_agrees_with_itk(self, mrmlScene, quaternion, mirrored, spacing, origin):
        x, y, z, w = np.asarray(quaternion) / np.linalg.norm(quaternion)
        transform = sitk.VersorTransform((x, y, z, w) if w >= 0 else (-x, -y, -z, -w))
        direction = np.reshape(transform.GetMatrix(), (3, 3)) @ np.diag([1, 1, -1 if mirrored else 1])
        volume = CtVolume(np.arange(24, dtype=np.int16).reshape(2, 3, 4), spacing, origin, direction, "any")
        node = Nodes.addVolumeNode(mrmlScene, volume)
        assertSameVolume(Nodes.ctVolumeFromNode(node), volume)
        image = sitk.Image(4, 3, 2, sitk.sitkInt16)
        image.SetSpacing(spacing[::-1])
        image.SetOrigin(origin)
        image.SetDirection(direction.ravel())
        lps = image.TransformIndexToPhysicalPoint((3, 1, 1))
        matrix = vtk.vtkMatrix4x4()
        node.GetIJKToRASMatrix(matrix)
        np.testing.assert_allclose(matrix.MultiplyPoint((3, 1, 1, 1))[:3], (-lps[0], -lps[1], lps[2]), atol=1e-4)
        assert node.GetImageData().GetScalarComponentAsDouble(3, 1, 1, 0) == volume.voxels_hu[1, 1, 3]

    @pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "uint16", "int32", "uint32", "float32", "float64"])
    def test_every_scalar_type_becomes_int16(self, mrmlScene, dtype):
        limits = np.iinfo(dtype) if np.issubdtype(dtype, np.integer) else np.iinfo(np.int16)
        low, high = max(limits.min, -32768), min(limits.max, 32767)
        values = np.linspace(low, high, 24).reshape(2, 3, 4).astype(dtype)
        if dtype.startswith("float"):
            values.flat[:6] = (-1000.4, -1000.6, -0.5, 0.5, 1.5, 3071.49)
        volume = Nodes.ctVolumeFromNode(slicer.util.addVolumeFromArray(values))
        assert volume.voxels_hu.dtype == np.int16
        assert volume.voxels_hu.tolist() == [[[round(v) for v in row] for row in plane] for plane in values.tolist()]
        assert volume.warnings == ()

    def test_values_beyond_int16_are_clipped_with_a_warning(self, mrmlScene):
        values = np.array([[[-40000.0, 0.0, 32767.4, 70000.0]]])
        volume = Nodes.ctVolumeFromNode(slicer.util.addVolumeFromArray(values))
        assert volume.voxels_hu.tolist() == [[[-32768, 0, 32767, 32767]]]
        assert len(volume.warnings) == 1
        assert volume.warnings[0].startswith("2 voxels")
        unsigned = np.array([[[0, 32767, 32768, 65535]]], np.uint16)
        volume = Nodes.ctVolumeFromNode(slicer.util.addVolumeFromArray(unsigned))
        assert volume.voxels_hu.tolist() == [[[0, 32767, 32767, 32767]]] and volume.warnings[0].startswith("2 voxels")

    def test_the_engine_gets_a_copy(self, mrmlScene):
        node = Nodes.addVolumeNode(mrmlScene, makeVolume())
        volume = Nodes.ctVolumeFromNode(node)
        slicer.util.arrayFromVolume(node)[...] = 7
        assert not (volume.voxels_hu == 7).all()

    @pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
    def test_values_that_are_not_numbers_are_refused(self, mrmlScene, value):
        values = np.zeros((2, 3, 4), np.float32)
        values[1, 2, 3] = value
        with pytest.raises(InputError, match="NaN or infinite"):
            Nodes.ctVolumeFromNode(slicer.util.addVolumeFromArray(values, name="broken"))

    @pytest.mark.parametrize(
        "matrices", [[rigid()], [rigid(scale=1.5)], [rigid(), rigid(-75, (1, 2, 3), 0.5)]], ids=["rigid", "scaled", "nested"]
    )
    def test_linear_parent_transforms_equal_hardening(self, mrmlScene, direction, matrices):
        node = Nodes.addVolumeNode(mrmlScene, makeVolume(direction=direction))
        child = node
        for matrix in matrices:
            parent = addTransform(mrmlScene, matrix)
            child.SetAndObserveTransformNodeID(parent.GetID())
            child = parent
        composed = Nodes.ctVolumeFromNode(node)
        node.HardenTransform()
        assert node.GetParentTransformNode() is None
        assertSameVolume(composed, Nodes.ctVolumeFromNode(node))

    def test_shear_is_refused(self, mrmlScene):
        node = Nodes.addVolumeNode(mrmlScene, makeVolume())
        shear = np.eye(4)
        shear[1, 2] = 0.3
        node.SetAndObserveTransformNodeID(addTransform(mrmlScene, shear).GetID())
        with pytest.raises(InputError, match=r"'ct' are not perpendicular.*[Rr]esample"):
            Nodes.ctVolumeFromNode(node)

    def test_a_transform_that_bends_grossly_is_refused(self, mrmlScene):
        node = Nodes.addVolumeNode(mrmlScene, makeVolume())
        spline = vtk.vtkThinPlateSplineTransform()
        source, target = vtk.vtkPoints(), vtk.vtkPoints()
        for corner in np.vstack([np.eye(3) * 100, np.zeros(3), np.ones(3) * 50]):
            source.InsertNextPoint(corner)
            target.InsertNextPoint(np.add(corner, (corner[0] / 10, 0, corner[1] ** 2 / 1000)))
        spline.SetSourceLandmarks(source)
        spline.SetTargetLandmarks(target)
        spline.SetBasisToR()
        transformNode = mrmlScene.AddNewNodeByClass("vtkMRMLTransformNode")
        transformNode.SetAndObserveTransformToParent(spline)
        node.SetAndObserveTransformNodeID(transformNode.GetID())
        with pytest.raises(InputError, match=r"bends the volume 'ct' by .*harden"):
            Nodes.ctVolumeFromNode(node)

    def test_what_is_not_a_ct_is_refused(self, mrmlScene):
        scalar = np.zeros((2, 3, 4), np.int16)
        colours = slicer.util.addVolumeFromArray(np.zeros((2, 3, 4, 3), np.uint8), nodeClassName="vtkMRMLVectorVolumeNode")
        labelMap = slicer.util.addVolumeFromArray(scalar, nodeClassName="vtkMRMLLabelMapVolumeNode")
        empty = mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "empty")
        table = mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", "table")
        reasons = {None: "nothing", table: "scalar volume", empty: "no voxels", colours: "3 values per voxel", labelMap: "label map"}
        for node, reason in reasons.items():
            with pytest.raises(InputError, match=reason):
                Nodes.ctVolumeFromNode(node)


def test_real_scan_and_reference_survive(mrmlScene, shared_data):
    files = [str(shared_data / f"tb1_001_{kind}.nii.gz") for kind in ("ct", "ref")]
    ctNode, referenceNode = (slicer.util.loadVolume(file) for file in files)
    volume = Nodes.ctVolumeFromNode(ctNode)
    image, reference = (sitk.ReadImage(file) for file in files)
    expected = CtVolume(
        sitk.GetArrayFromImage(image).astype(np.int16),
        image.GetSpacing()[::-1],
        image.GetOrigin(),
        np.reshape(image.GetDirection(), (3, 3)),
    )
    assertSameVolume(to_canonical(volume)[0], to_canonical(expected)[0])
    labels = slicer.util.arrayFromVolume(referenceNode).astype(np.uint8)
    present = [region for region in REGIONS if (labels == region.label).any()]
    segmentationNode = mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode")
    Segments.updateSegmentationNode(segmentationNode, Segmentation(volume, labels, "reference"), ctNode)
    assertSegments(segmentationNode, ctNode, labels, [region.key for region in present])
    # Counted on the file itself, the right lung lies on the patient's right: smaller x in LPS.
    array = sitk.GetArrayFromImage(reference)
    for region in present:
        assert segmentMasks(segmentationNode, ctNode)[region.key].sum() == (array == region.label).sum()
    centres = []
    for segmentId in ("right_lung", "left_lung"):
        segment = slicer.vtkOrientedImageData()
        segmentationNode.GetBinaryLabelmapRepresentation(segmentId, segment)
        effective = [0] * 6
        slicer.vtkOrientedImageDataResample.CalculateEffectiveExtent(segment, effective)
        matrix = vtk.vtkMatrix4x4()
        segment.GetImageToWorldMatrix(matrix)
        centres.append(
            -matrix.MultiplyPoint([(low + high) / 2 for low, high in zip(effective[::2], effective[1::2], strict=True)] + [1])[0]
        )
    assert centres[0] < centres[1]
