"""Plain columns and rows -> typed table node with titles and units."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from numbers import Integral

import slicer
import vtk

from LungSegmentationLib.tables.rows import Cell, Column, Table

from . import ResultNodes

MEASURES = "Table."


def updateTableNode(tableNode: slicer.vtkMRMLTableNode, columns: Iterable[Column], rows: Iterable[Mapping[str, Cell]]) -> None:
    """Replace a table node's content.

    A column is named by its key, so that plots and scripts find it; views show its title with the unit.
    Whole numbers become a ``vtkIntArray``, other numbers a ``vtkDoubleArray``, text a
    ``vtkStringArray``. A missing value (None) is not-a-number in a column of numbers, which then is
    of doubles, and an empty text in a column of text; a column without any value is of doubles.

    Parameters
    ----------
    tableNode : vtkMRMLTableNode
    columns : iterable of Column
        Shown in this order.
    rows : iterable of mapping
        A value for each column's key.
    """
    rows = tuple(rows)
    table = vtk.vtkTable()
    wasModifying = tableNode.StartModify()
    try:
        tableNode.SetAndObserveSchema(None)
        tableNode.SetAndObserveTable(table)
        for column in columns:
            table.AddColumn(_columnArray(column.key, [row[column.key] for row in rows]))
            tableNode.SetColumnTitle(column.key, column.header)
            tableNode.SetColumnUnitLabel(column.key, column.unit)
            tableNode.SetColumnDescription(column.key, f"{column.title} in {column.unit}" if column.unit else column.title)
        tableNode.SetUseColumnTitleAsColumnHeader(True)
        tableNode.StorableModified()
    finally:
        tableNode.EndModify(wasModifying)


def _columnArray(name: str, values: Sequence[Cell]) -> vtk.vtkAbstractArray:
    array: vtk.vtkAbstractArray
    cells: list[Cell]
    if any(isinstance(value, str) for value in values):
        array, cells = vtk.vtkStringArray(), ["" if value is None else str(value) for value in values]
    elif values and all(isinstance(value, Integral) for value in values):
        array, cells = vtk.vtkIntArray(), list(values)
    else:
        array, cells = vtk.vtkDoubleArray(), [math.nan if value is None else value for value in values]
    array.SetName(name)
    for cell in cells:
        array.InsertNextValue(cell)
    return array


def updateTables(
    segmentationNode: slicer.vtkMRMLSegmentationNode, tables: Mapping[str, Table], kind: str = MEASURES
) -> dict[str, slicer.vtkMRMLTableNode]:
    """Write tables into the table nodes of a segmentation; those of an earlier run are used again.

    Parameters
    ----------
    segmentationNode : vtkMRMLSegmentationNode
        In a scene.
    tables : mapping of str to Table
        Those of :class:`LungSegmentationLib.measures.Measures`.
    kind : str
        Tables of the same kind belong together: those that are not given any more are removed from the scene.

    Returns
    -------
    dict of str to vtkMRMLTableNode
        By the tables' keys, in the same order.
    """
    for key in set(tableNodes(segmentationNode, kind)) - set(tables):
        ResultNodes.removeNode(segmentationNode, kind + key)
    nodes = {}
    for key, table in tables.items():
        nodes[key] = ResultNodes.findOrAddNode(segmentationNode, kind + key, "vtkMRMLTableNode", table.title.lower())
        updateTableNode(nodes[key], table.columns, table.rows)
    return nodes


def tableNodes(segmentationNode: slicer.vtkMRMLSegmentationNode, kind: str = MEASURES) -> dict[str, slicer.vtkMRMLTableNode]:
    """Give the table nodes of a segmentation by their keys, in the order in which they were added."""
    return {role.removeprefix(kind): ResultNodes.findNode(segmentationNode, role) for role in ResultNodes.roles(segmentationNode, kind)}
