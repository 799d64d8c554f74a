// One plane of the scan on a canvas: grey values through a window, outlines, fill, letters, a scale bar and the cross.

const PLANES = [
  {title: 'Axial', across: 0, down: 1, through: 2, headOnTop: false, letters: {left: 'R', right: 'L', top: 'A', bottom: 'P'}},
  {title: 'Coronal', across: 0, down: 2, through: 1, headOnTop: true, letters: {left: 'R', right: 'L', top: 'S', bottom: 'I'}},
  {title: 'Sagittal', across: 1, down: 2, through: 0, headOnTop: true, letters: {left: 'A', right: 'P', top: 'S', bottom: 'I'}},
];
const BAR_MM = 50;
const MOST_ZOOM = 8;
const INK = '#e8ebef';

class PlaneView {
  constructor(canvas, plane, scan) {
    Object.assign(this, plane);
    this.canvas = canvas;
    this.scan = scan;
    this.columns = scan.shape[this.across];
    this.rows = scan.shape[this.down];
    this.voxels = new OffscreenCanvas(this.columns, this.rows);
    this.frame = {left: 0, top: 0, perColumn: 1, perRow: 1};
    this.zoom = 1;
    this.centre = [0.5, 0.5]; // shares of the plane's width and height that lie in the middle of the canvas
  }

  /** Fit the plane into its canvas, or a part of it where it is enlarged; a millimetre is as long across as down. */
  fit() {
    const ratio = devicePixelRatio || 1;
    const width = Math.round(this.canvas.clientWidth * ratio);
    const height = Math.round(this.canvas.clientHeight * ratio);
    if (this.canvas.width !== width) this.canvas.width = width;
    if (this.canvas.height !== height) this.canvas.height = height;
    const [mmAcross, mmDown] = [this.scan.spacing[this.across], this.scan.spacing[this.down]];
    const scale = this.zoom * Math.min(width / (this.columns * mmAcross), height / (this.rows * mmDown));
    this.pixelsPerMm = scale;
    this.ratio = ratio;
    this.frame = {perColumn: scale * mmAcross, perRow: scale * mmDown};
    this.frame.left = this.edge(0, width, this.columns * this.frame.perColumn);
    this.frame.top = this.edge(1, height, this.rows * this.frame.perRow);
    return width > 0 && height > 0;
  }

  /** Where the plane begins: in the middle where it is smaller than the canvas, else without a gap on either side. */
  edge(axis, room, size) {
    if (size <= room) {
      this.centre[axis] = 0.5;
      return (room - size) / 2;
    }
    const half = room / size / 2;
    this.centre[axis] = Math.max(half, Math.min(1 - half, this.centre[axis]));
    return room / 2 - this.centre[axis] * size;
  }

  /** Enlarge by a factor; what lies under a point of the canvas, its middle by default, stays there. */
  enlarge(factor, x = this.canvas.width / 2, y = this.canvas.height / 2) {
    const zoom = Math.max(1, Math.min(MOST_ZOOM, this.zoom * factor));
    const sizes = [this.columns * this.frame.perColumn, this.rows * this.frame.perRow];
    const shares = [(x - this.frame.left) / sizes[0], (y - this.frame.top) / sizes[1]];
    const offsets = [x - this.canvas.width / 2, y - this.canvas.height / 2];
    this.centre = shares.map((share, axis) => share - (offsets[axis] * this.zoom) / (zoom * sizes[axis]));
    this.zoom = zoom;
    this.fit(); // the next turn of the wheel may come before anything is drawn
  }

  /** Move the plane by so many pixels of the page. */
  shift(right, down) {
    this.centre[0] -= (right * this.ratio) / (this.columns * this.frame.perColumn);
    this.centre[1] -= (down * this.ratio) / (this.rows * this.frame.perRow);
  }

  /** A pointer's position in pixels of the canvas. */
  pixelAt(event) {
    const box = this.canvas.getBoundingClientRect();
    return [(event.clientX - box.left) * this.ratio, (event.clientY - box.top) * this.ratio];
  }

  draw(place, look) {
    if (!this.fit()) return;
    const context = this.canvas.getContext('2d');
    const {left, top, perColumn, perRow} = this.frame;
    this.paintVoxels(place, look);
    context.fillStyle = '#000';
    context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    context.imageSmoothingQuality = 'high';
    context.drawImage(this.voxels, left, top, this.columns * perColumn, this.rows * perRow);
    if (look.outlines) this.drawOutlines(context, place);
    if (look.box) this.drawBox(context, place, look.box);
    this.drawCross(context, place);
    this.drawLetters(context);
    this.drawBar(context);
  }

  /** Index of a voxel of the plane: columns from the left, rows from the top. */
  offsetOf(column, row, place) {
    const depth = this.headOnTop ? this.rows - 1 - row : row;
    const {strides} = this.scan;
    return column * strides[this.across] + depth * strides[this.down] + place[this.through] * strides[this.through];
  }

  paintVoxels(place, look) {
    const context = this.voxels.getContext('2d');
    const image = context.createImageData(this.columns, this.rows);
    const pixels = image.data;
    const tinted = look.opacity > 0 ? this.scan.regions.filter(region => region.shown) : [];
    const step = this.scan.strides[this.across];
    for (let row = 0, pixel = 0; row < this.rows; row++) {
      let offset = this.offsetOf(0, row, place);
      for (let column = 0; column < this.columns; column++, offset += step, pixel += 4) {
        let red = look.greys[this.scan.grey[offset]];
        let green = red;
        let blue = red;
        for (const {coverage, colour} of tinted) {
          const weight = (look.opacity * coverage[offset]) / 15;
          red += (colour[0] - red) * weight;
          green += (colour[1] - green) * weight;
          blue += (colour[2] - blue) * weight;
        }
        pixels[pixel] = red;
        pixels[pixel + 1] = green;
        pixels[pixel + 2] = blue;
        pixels[pixel + 3] = 255;
      }
    }
    context.putImageData(image, 0, 0);
  }

  drawOutlines(context, place) {
    const {left, top, perColumn, perRow} = this.frame;
    context.lineWidth = 1.3 * this.ratio;
    context.lineCap = 'round';
    for (const region of this.scan.regions) {
      if (!region.shown) continue;
      context.beginPath();
      const at = (column, row) => region.coverage[this.offsetOf(column, row, place)];
      const toX = column => left + (column + 0.5) * perColumn;
      const toY = row => top + (row + 0.5) * perRow;
      addContour(context, this.columns, this.rows, at, region.level, toX, toY);
      context.strokeStyle = `rgb(${region.colour})`;
      context.stroke();
    }
  }

  /** Frame the place of a finding where the plane cuts it; box is [[from, to] along each axis] in voxels. */
  drawBox(context, place, box) {
    const here = place[this.through] + 0.5;
    if (here < box[this.through][0] - 0.5 || here > box[this.through][1] + 0.5) return;
    const {left, top, perColumn, perRow} = this.frame;
    const [x0, x1] = box[this.across];
    const [y0, y1] = this.headOnTop ? box[this.down].map(y => this.rows - y).reverse() : box[this.down];
    const margin = 3 * this.ratio;
    context.strokeStyle = 'rgb(255, 190, 60)';
    context.lineWidth = 1.5 * this.ratio;
    const width = (x1 - x0) * perColumn + 2 * margin;
    const height = (y1 - y0) * perRow + 2 * margin;
    context.strokeRect(left + x0 * perColumn - margin, top + y0 * perRow - margin, width, height);
  }

  /** Short lines from the edges: they show the place and hide nothing. */
  drawCross(context, place) {
    const {left, top, perColumn, perRow} = this.frame;
    const x = left + (place[this.across] + 0.5) * perColumn;
    const row = this.headOnTop ? this.rows - 1 - place[this.down] : place[this.down];
    const y = top + (row + 0.5) * perRow;
    const gap = 14 * this.ratio;
    const lines = [
      [x, 0, x, y - gap],
      [x, y + gap, x, this.canvas.height],
      [0, y, x - gap, y],
      [x + gap, y, this.canvas.width, y],
    ];
    context.strokeStyle = 'rgba(255, 255, 140, 0.35)';
    context.lineWidth = this.ratio;
    context.beginPath();
    for (const [fromX, fromY, toX, toY] of lines) {
      context.moveTo(fromX, fromY);
      context.lineTo(toX, toY);
    }
    context.stroke();
  }

  drawLetters(context) {
    const {width, height} = this.canvas;
    const edge = 12 * this.ratio;
    const {left, right, top, bottom} = this.letters;
    this.write(context, left, edge, height / 2, 15);
    this.write(context, right, width - edge, height / 2, 15);
    this.write(context, top, width / 2, edge, 15);
    this.write(context, bottom, width / 2, height - edge, 15);
  }

  drawBar(context) {
    const length = BAR_MM * this.pixelsPerMm;
    const [x, y] = [10 * this.ratio, this.canvas.height - 12 * this.ratio];
    if (length > this.canvas.width / 2 - 4 * x) return;
    context.fillStyle = '#000';
    context.fillRect(x - 1, y - 1, length + 2, 3 * this.ratio + 2);
    context.fillStyle = INK;
    context.fillRect(x, y, length, 3 * this.ratio);
    this.write(context, `${BAR_MM} mm`, x, y - 9 * this.ratio, 11, 'left');
  }

  write(context, text, x, y, size, align = 'center') {
    context.font = `600 ${size * this.ratio}px system-ui, sans-serif`;
    context.textAlign = align;
    context.textBaseline = 'middle';
    context.lineWidth = 3 * this.ratio;
    context.lineJoin = 'round';
    context.strokeStyle = '#000';
    context.strokeText(text, x, y);
    context.fillStyle = INK;
    context.fillText(text, x, y);
  }

  /** The voxel under a pointer, as three numbers that may lie outside the scan. */
  placeAt(event, place) {
    const [x, y] = this.pixelAt(event);
    const column = Math.floor((x - this.frame.left) / this.frame.perColumn);
    const row = Math.floor((y - this.frame.top) / this.frame.perRow);
    const found = [...place];
    found[this.across] = column;
    found[this.down] = this.headOnTop ? this.rows - 1 - row : row;
    return found;
  }

  caption(place) {
    const index = place[this.through];
    const count = this.scan.shape[this.through];
    const own = this.through === 2 ? `, slice ${this.scan.sliceNumber(index)}` : '';
    return `${this.title} ${index + 1} / ${count}${own}`;
  }
}
