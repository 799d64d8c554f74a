"""Segmentation nodes against Slicer's own logics, and there and back."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from LungSegmentationLib.errors import InputError
from LungSegmentationLib.labels import REGIONS, VESSEL_REGIONS
from LungSegmentationLib.segmentation import Segmentation
from LungSegmentationLib.volume import CtVolume

slicer = pytest.importorskip("slicer", reason="slicer-core is not installed")
pytest.importorskip("slicer.util")
from LungSegmentationAdapter.Scene import Nodes, SegmentLabels, Segments, Terminology  # noqa: E402

from .node_helpers import KEYS, addNodes, addTransform, assertSegments, makeVolume, rigid, segmentMasks  # noqa: E402


class TestSegmentation:
    def test_voxels_are_exact_in_one_layer(self, mrmlScene, direction, labels):
        volumeNode, segmentationNode, _ = addNodes(mrmlScene, labels, direction)
        assertSegments(segmentationNode, volumeNode, labels)
        assert segmentationNode.GetSegmentation().GetNumberOfLayers() == 1
        assert segmentationNode.GetNodeReference("referenceImageGeometryRef") is volumeNode
        np.testing.assert_array_equal(SegmentLabels.labelsFromSegmentationNode(segmentationNode, volumeNode), labels)

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(seed=st.integers(0, 2**32 - 1), density=st.floats(0.001, 0.9), again=st.integers(0, 2**32 - 1))
    def test_any_label_map_survives_also_over_an_older_one(self, mrmlScene, seed, density, again):
        def noise(seed):
            rng = np.random.default_rng(seed)
            return np.where(rng.random((4, 5, 6)) < density, rng.integers(1, 4, (4, 5, 6)), 0).astype(np.uint8)

        first, second = noise(seed), noise(again)
        volumeNode, segmentationNode, result = addNodes(mrmlScene, first)
        Segments.updateSegmentationNode(segmentationNode, Segmentation(result.volume, second, "test"), volumeNode)
        assertSegments(segmentationNode, volumeNode, second, [r.key for r in REGIONS if (second == r.label).any()])

    def test_segments_are_named_coloured_and_coded(self, mrmlScene, labels):
        _, segmentationNode, _ = addNodes(mrmlScene, labels)
        logic = slicer.modules.terminologies.logic()
        found = []
        for index in range(3):
            segment = segmentationNode.GetSegmentation().GetNthSegment(index)
            entry = slicer.vtkSlicerTerminologyEntry()
            assert logic.DeserializeTerminologyEntry(segment.GetTerminology(), entry)
            assert logic.SerializeTerminologyEntry(entry) == segment.GetTerminology()
            category, kind, modifier = entry.GetCategoryObject(), entry.GetTypeObject(), entry.GetTypeModifierObject()
            assert {category.GetCodingSchemeDesignator(), kind.GetCodingSchemeDesignator()} == {"SCT"}
            colour = tuple(round(255 * channel) for channel in segment.GetColor())
            found.append((segment.GetName(), colour, category.GetCodeValue(), kind.GetCodeValue(), modifier.GetCodeValue() or None))
        assert found == [
            ("Right lung", (230, 140, 110), "123037004", "39607008", "24028007"),
            ("Left lung", (110, 170, 230), "123037004", "39607008", "7771000"),
            ("Airways", (245, 220, 90), "123037004", "110726009", None),
        ]

    def test_second_run_replaces_and_keeps_what_the_user_set(self, mrmlScene, labels):
        volumeNode, segmentationNode, result = addNodes(mrmlScene, labels)
        segmentation = segmentationNode.GetSegmentation()
        segmentation.GetSegment("right_lung").SetName("mine")
        segmentationNode.GetDisplayNode().SetSegmentVisibility("left_lung", False)
        drawn = []
        right = segmentation.GetSegment("right_lung")
        event = slicer.vtkSegmentation.SourceRepresentationModified
        segmentation.AddObserver(event, lambda *_: drawn.append(right.GetRepresentation("Binary labelmap")))
        second = np.roll(labels, 1, axis=1)
        Segments.updateSegmentationNode(segmentationNode, Segmentation(result.volume, second, "test"), volumeNode)
        assert drawn[-1] is right.GetRepresentation("Binary labelmap")  # views drew the new voxels last
        assertSegments(segmentationNode, volumeNode, second)
        assert segmentation.GetNumberOfLayers() == 1
        assert segmentation.GetSegment("right_lung").GetName() == "mine"
        assert not segmentationNode.GetDisplayNode().GetSegmentVisibility("left_lung")

    def test_a_region_without_voxels_has_no_segment(self, mrmlScene, labels):
        volumeNode, segmentationNode, result = addNodes(mrmlScene, labels)
        withoutAirways = np.where(labels == 3, 0, labels).astype(np.uint8)
        Segments.updateSegmentationNode(segmentationNode, Segmentation(result.volume, withoutAirways, "test"), volumeNode)
        assertSegments(segmentationNode, volumeNode, withoutAirways, ("right_lung", "left_lung"))
        Segments.updateSegmentationNode(segmentationNode, Segmentation(result.volume, np.zeros_like(labels), "test"), volumeNode)
        assert segmentationNode.GetSegmentation().GetNumberOfSegments() == 0

    def test_other_segments_stay_even_in_the_same_layer(self, mrmlScene, labels):
        volumeNode, segmentationNode, result = addNodes(mrmlScene, labels)
        segmentation = segmentationNode.GetSegmentation()
        segmentation.AddEmptySegment("tumour", "Tumour")
        tumour = np.zeros(labels.shape, np.uint8)
        tumour[5, 6:8, 8:10] = 1
        slicer.util.updateSegmentBinaryLabelmapFromArray(tumour, segmentationNode, "tumour", volumeNode)
        segmentation.CollapseBinaryLabelmaps(False)
        assert segmentation.GetNumberOfLayers() == 1
        second = np.roll(labels, -1, axis=2)
        Segments.updateSegmentationNode(segmentationNode, Segmentation(result.volume, second, "test"), volumeNode)
        assertSegments(segmentationNode, volumeNode, second, (*KEYS, "tumour"))
        np.testing.assert_array_equal(segmentMasks(segmentationNode, volumeNode)["tumour"], tumour > 0)
        left = segmentation.GetSegment("tumour").GetRepresentation("Binary labelmap")
        assert left.GetScalarRange() == (0, segmentation.GetSegment("tumour").GetLabelValue())
        assert segmentationNode.GetSegmentation().GetNumberOfLayers() == 2
        assert np.count_nonzero(slicer.util.arrayFromSegmentInternalBinaryLabelmap(segmentationNode, "tumour")) == tumour.sum()

    def test_closed_surface_follows_the_new_voxels(self, mrmlScene, labels):
        volumeNode, segmentationNode, result = addNodes(mrmlScene, labels)
        segmentationNode.GetSegmentation().SetConversionParameter("Smoothing factor", "0")
        segmentationNode.CreateClosedSurfaceRepresentation()
        shifted = np.roll(labels, 1, axis=0)
        shifted[0] = 0
        Segments.updateSegmentationNode(segmentationNode, Segmentation(result.volume, shifted, "test"), volumeNode)
        slices = np.flatnonzero((shifted == 1).any(axis=(1, 2)))
        expected = [200.25 + 2.5 * (slices[0] - 0.5), 200.25 + 2.5 * (slices[-1] + 0.5)]
        bounds = segmentationNode.GetClosedSurfaceInternalRepresentation("right_lung").GetBounds()
        np.testing.assert_allclose(bounds[4:], expected, atol=0.01)

    def test_segments_follow_the_volumes_transform(self, mrmlScene, labels):
        volumeNode = Nodes.addVolumeNode(mrmlScene, makeVolume(labels.shape))
        volumeNode.SetAndObserveTransformNodeID(addTransform(mrmlScene, rigid()).GetID())
        result = Segmentation(Nodes.ctVolumeFromNode(volumeNode), labels, "test")
        segmentationNode = mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode")
        Segments.updateSegmentationNode(segmentationNode, result, volumeNode)
        assert segmentationNode.GetParentTransformNode() is volumeNode.GetParentTransformNode()
        assertSegments(segmentationNode, volumeNode, labels)
        # A segmentation already in use stays under its own transform; the voxels come to the same places.
        own = addTransform(mrmlScene, rigid(-10))
        segmentationNode.SetAndObserveTransformNodeID(own.GetID())
        Segments.updateSegmentationNode(segmentationNode, result, volumeNode)
        assert segmentationNode.GetParentTransformNode() is own
        np.testing.assert_array_equal(SegmentLabels.labelsFromSegmentationNode(segmentationNode, volumeNode), labels)
        segmentationNode.HardenTransform()
        volumeNode.HardenTransform()
        assertSegments(segmentationNode, volumeNode, labels)

    def test_a_segmentation_kept_as_surfaces_is_refused(self, mrmlScene, labels):
        volumeNode, segmentationNode, result = addNodes(mrmlScene, labels)
        segmentationNode.CreateClosedSurfaceRepresentation()
        segmentationNode.SetSourceRepresentationToClosedSurface()
        segmentationNode.RemoveBinaryLabelmapRepresentation()
        with pytest.raises(InputError, match=r"'Closed surface'.*source representation"):
            Segments.updateSegmentationNode(segmentationNode, result, volumeNode)
        with pytest.raises(InputError, match="'Right lung' has no binary label map"):
            SegmentLabels.labelsFromSegmentationNode(segmentationNode, volumeNode)

    def test_wrong_label_maps_are_refused_and_change_nothing(self, mrmlScene, labels):
        volumeNode, segmentationNode, result = addNodes(mrmlScene, labels)
        unknown = labels.copy()
        unknown[0, 0, 0] = 9
        for wrong, reason in ((labels[1:], r"\(5, 8, 10\)"), (labels.astype(np.int16), "int16"), (unknown, "label 9")):
            with pytest.raises(InputError, match=reason):
                Segments.updateSegmentationNode(segmentationNode, Segmentation(result.volume, wrong, "test"), volumeNode)
        assertSegments(segmentationNode, volumeNode, labels)


class TestLabelsFromSegmentation:
    def test_segments_are_known_by_their_codes(self, mrmlScene, labels):
        volumeNode, segmentationNode, _ = addNodes(mrmlScene, labels)
        segmentation = segmentationNode.GetSegmentation()
        for segmentId, name in (("right_lung", "Left lung"), ("left_lung", "Right lung"), ("airways", "x")):
            segmentation.GetSegment(segmentId).SetName(name)
        segmentation.SetSegmentIndex("airways", 0)
        segment = segmentation.GetSegment("right_lung")
        segment.SetTerminology("~SCT^123037004^structure anatomique~SCT^39607008^Poumon~SCT^24028007^Droit~~^^~^^")
        np.testing.assert_array_equal(SegmentLabels.labelsFromSegmentationNode(segmentationNode, volumeNode), labels)
        segment.SetTerminology(segment.GetTerminology().replace("24028007", "51440002"))
        without = np.where(labels == 1, 0, labels)
        np.testing.assert_array_equal(SegmentLabels.labelsFromSegmentationNode(segmentationNode, volumeNode), without)

    def test_without_known_codes_it_says_so(self, mrmlScene, labels):
        volumeNode, segmentationNode, _ = addNodes(mrmlScene, labels)
        for segmentId in KEYS:
            segmentationNode.GetSegmentation().GetSegment(segmentId).SetTerminology("")
        with pytest.raises(InputError, match="none of the 3 segments of 'Lungs'"):
            SegmentLabels.labelsFromSegmentationNode(segmentationNode, volumeNode)

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        degrees=st.tuples(st.floats(-180, 180), st.floats(-180, 180)),
        spacing=st.tuples(*[st.floats(0.4, 3)] * 3),
        shift=st.tuples(*[st.floats(-2, 2)] * 3),
        steps=st.tuples(*[st.integers(-3, 3)] * 3),
        sameAxes=st.booleans(),
    )
    def test_any_other_grid_gets_the_nearest_voxel(self, mrmlScene, degrees, spacing, shift, steps, sameAxes):
        labels = np.zeros((6, 8, 10), np.uint8)
        labels[1:5, 2:7, 1:5] = 1
        labels[2:, 2:, 5:] = 2
        direction = rigid(degrees[0])[:3, :3]
        volume = addNodes(mrmlScene, labels, direction)[2].volume
        segmentationNode = mrmlScene.GetFirstNodeByClass("vtkMRMLSegmentationNode")
        toIndex = np.linalg.inv(direction * volume.spacing_zyx_mm[::-1])
        if sameAxes:  # the same grid, but begun elsewhere: no voxel may be lost to round-off
            origin = np.add(volume.origin_lps_mm, np.linalg.inv(toIndex) @ steps)
            other = CtVolume(np.zeros((7, 9, 8), np.int16), volume.spacing_zyx_mm, tuple(origin), direction)
        else:
            origin = np.add(volume.origin_lps_mm, shift)
            other = CtVolume(np.zeros((7, 9, 8), np.int16), spacing, tuple(origin), rigid(degrees[1])[:3, :3])
        index = np.stack(np.meshgrid(*[np.arange(n) for n in (7, 9, 8)], indexing="ij"), -1)[..., ::-1]
        places = (index * other.spacing_zyx_mm[::-1]) @ other.direction_lps.T + origin
        continuous = (places - volume.origin_lps_mm) @ toIndex.T
        nearest = np.rint(continuous).astype(int)
        inside = ((nearest >= 0) & (nearest < labels.shape[::-1])).all(-1)
        i, j, k = nearest[inside].T
        expected = np.zeros((7, 9, 8), np.uint8)
        expected[inside] = labels[k, j, i]
        clear = (np.abs(continuous - np.floor(continuous) - 0.5) > 1e-3).all(-1)  # not halfway between two voxels
        actual = SegmentLabels.labelsFromSegmentationNode(segmentationNode, Nodes.addVolumeNode(mrmlScene, other))
        np.testing.assert_array_equal(actual[clear], expected[clear])
        mrmlScene.RemoveNode(segmentationNode)

    @pytest.mark.parametrize("overlap", [False, True], ids=["one layer", "two layers"])
    def test_segmentation_file_of_slicerio_opens(self, mrmlScene, direction, labels, overlap, tmp_path):
        slicerio = pytest.importorskip("slicerio")
        volume = makeVolume(labels.shape, direction)
        volumeNode = Nodes.addVolumeNode(mrmlScene, volume)
        ijkToLps = np.eye(4)
        ijkToLps[:3, :3] = direction * volume.spacing_zyx_mm[::-1]
        ijkToLps[:3, 3] = volume.origin_lps_mm
        masks = {region: labels == region.label for region in REGIONS}
        if overlap:
            masks[REGIONS[0]] = masks[REGIONS[0]] | masks[REGIONS[2]]
        segmentation = slicerio.create_segmentation(labels.shape[::-1], ijkToLps)
        for region, mask in masks.items():
            segment = {
                "id": region.key,
                "name": region.name,
                "color": [channel / 255 for channel in region.colour_rgb],
                "terminology": slicerio.segmentation.terminology_entry_from_string(Terminology.terminologyEntry(region)),
            }
            slicerio.add_segment(segmentation, mask.T, segment)
        slicerio.write_segmentation(str(tmp_path / "lungs.seg.nrrd"), segmentation)
        node = slicer.util.loadSegmentation(str(tmp_path / "lungs.seg.nrrd"))
        assert node.GetSegmentation().GetNumberOfLayers() == (2 if overlap else 1)
        read = segmentMasks(node, volumeNode)
        for region, mask in masks.items():
            np.testing.assert_array_equal(read[region.key], mask)
            segment = node.GetSegmentation().GetSegment(region.key)
            assert (segment.GetName(), segment.GetTerminology()) == (region.name, Terminology.terminologyEntry(region))
        np.testing.assert_array_equal(SegmentLabels.labelsFromSegmentationNode(node, volumeNode), labels)


class TestVessels:
    def test_vessels_overlap_the_lungs_in_a_layer_of_their_own(self, mrmlScene):
        labels = np.zeros((6, 8, 10), np.uint8)
        labels[1:5, 1:7, 1:4], labels[1:5, 1:7, 6:9] = 1, 2
        vessels = np.where((labels > 0) & (np.arange(8) % 2 == 0)[:, None], labels, 0).astype(np.uint8)
        volumeNode, segmentationNode, result = addNodes(mrmlScene, labels)
        withVessels = replace(result, vessels=vessels)
        Segments.updateSegmentationNode(segmentationNode, withVessels, volumeNode)
        segmentation = segmentationNode.GetSegmentation()
        assert segmentation.GetNumberOfLayers() == 2
        masks = segmentMasks(segmentationNode, volumeNode)
        for region in VESSEL_REGIONS:
            assert np.array_equal(masks[region.key], vessels == region.label)
            entry = slicer.vtkSlicerTerminologyEntry()
            logic = slicer.modules.terminologies.logic()
            assert logic.DeserializeTerminologyEntry(segmentation.GetSegment(region.key).GetTerminology(), entry)
            assert entry.GetTypeObject().GetCodeValue() == "59820001"
            assert entry.GetAnatomicRegionObject().GetCodeValue() == "39607008"
            assert entry.GetAnatomicRegionModifierObject().GetCodeValue() == region.anatomic_modifier_code.value
        assert np.array_equal(masks["right_lung"], labels == 1)
        # A result without vessels takes the earlier ones away.
        Segments.updateSegmentationNode(segmentationNode, result, volumeNode)
        assert set(segmentation.GetSegmentIDs()) == {"right_lung", "left_lung"}
