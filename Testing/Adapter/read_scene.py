"""Open a scene file with Slicer's own reader and write down what is in it (run as a process of its own)."""

import json
import sys
from pathlib import Path

import numpy as np
import slicer
import slicer.util
import vtk

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from SlicerBench import application


def main(sceneFile: str, outputFile: str) -> None:
    running = application.start()
    slicer.util.loadScene(sceneFile)
    volumeNode = slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode")[0]
    segmentationNode = slicer.util.getNodesByClass("vtkMRMLSegmentationNode")[0]
    segmentation = segmentationNode.GetSegmentation()
    arrays = {"voxels": slicer.util.arrayFromVolume(volumeNode)}
    matrix = vtk.vtkMatrix4x4()
    volumeNode.GetIJKToRASMatrix(matrix)
    segments = []
    for segmentId in segmentation.GetSegmentIDs():
        segment = segmentation.GetSegment(segmentId)
        arrays[segmentId] = slicer.util.arrayFromSegmentBinaryLabelmap(segmentationNode, segmentId, volumeNode).copy()
        segments.append([segmentId, segment.GetName(), list(segment.GetColor()), segment.GetTerminology()])
    tables = {}
    for tableNode in slicer.util.getNodesByClass("vtkMRMLTableNode"):
        table = tableNode.GetTable()
        for column in (table.GetColumn(index) for index in range(table.GetNumberOfColumns())):
            values = [column.GetValue(row) for row in range(column.GetNumberOfValues())]
            unit = tableNode.GetColumnUnitLabel(column.GetName())
            tables.setdefault(tableNode.GetName(), {})[column.GetName()] = [column.GetDataTypeAsString(), unit, values]
    display = volumeNode.GetDisplayNode()
    facts = {
        "volume": volumeNode.GetName(),
        "ijkToRas": slicer.util.arrayFromVTKMatrix(matrix).tolist(),
        "window": [display.GetWindow(), display.GetLevel(), display.GetAutoWindowLevel()],
        "reference": segmentationNode.GetNodeReference("referenceImageGeometryRef").GetName(),
        "segments": segments,
        "tables": tables,
    }
    np.savez(outputFile, facts=json.dumps(facts), **arrays)
    running.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
