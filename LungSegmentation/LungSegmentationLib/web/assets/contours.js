// Outlines between voxels: marching squares with linear interpolation (W. E. Lorensen and H. E. Cline, SIGGRAPH 1987, in two dimensions).

/**
 * Add the outline of a plane of coverages to a path.
 * at(column, row) gives a coverage; toX and toY turn positions in voxel centres into pixels.
 */
function addContour(path, columns, rows, at, level, toX, toY) {
  for (let row = 0; row + 1 < rows; row++) {
    let leftAbove = at(0, row);
    let leftBelow = at(0, row + 1);
    for (let column = 0; column + 1 < columns; column++) {
      const rightAbove = at(column + 1, row);
      const rightBelow = at(column + 1, row + 1);
      const which =
        (leftAbove > level ? 8 : 0) | (rightAbove > level ? 4 : 0) | (rightBelow > level ? 2 : 0) | (leftBelow > level ? 1 : 0);
      if (which !== 0 && which !== 15) {
        const cut = (from, to) => (level - from) / (to - from);
        const ends = {
          top: () => [column + cut(leftAbove, rightAbove), row],
          right: () => [column + 1, row + cut(rightAbove, rightBelow)],
          bottom: () => [column + cut(leftBelow, rightBelow), row + 1],
          left: () => [column, row + cut(leftAbove, leftBelow)],
        };
        for (const [from, to] of SEGMENTS[which]) {
          const [x0, y0] = ends[from]();
          const [x1, y1] = ends[to]();
          path.moveTo(toX(x0), toY(y0));
          path.lineTo(toX(x1), toY(y1));
        }
      }
      leftAbove = rightAbove;
      leftBelow = rightBelow;
    }
  }
}

// Which sides of a square an outline joins, by which of its corners lie inside (8 4 / 1 2).
const SEGMENTS = {
  1: [['left', 'bottom']],
  2: [['bottom', 'right']],
  3: [['left', 'right']],
  4: [['top', 'right']],
  5: [['left', 'top'], ['bottom', 'right']],
  6: [['top', 'bottom']],
  7: [['left', 'top']],
  8: [['left', 'top']],
  9: [['top', 'bottom']],
  10: [['left', 'bottom'], ['top', 'right']],
  11: [['top', 'right']],
  12: [['left', 'right']],
  13: [['bottom', 'right']],
  14: [['left', 'bottom']],
};
