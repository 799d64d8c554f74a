// Lungs, airways and vessels in three dimensions: points on their surfaces, each with its normal, drawn with a depth buffer.

const LIGHT = [-0.35, 0.75, 0.55]; // from the viewer's upper left: to the right, towards the viewer, up

class SurfaceView {
  constructor(canvas, scan) {
    this.canvas = canvas;
    this.scan = scan;
    this.turn = 0;
    this.tilt = 0;
    this.clouds = scan.regions.map(region => (region.isTree ? treePoints(scan, region) : surfacePoints(scan, region)));
    this.centre();
  }

  /** Turn everything about the middle of what there is, and know how far it reaches. */
  centre() {
    const ends = [[0, 0], [0, 0], [0, 0]];
    for (const cloud of this.clouds) {
      for (let i = 0; i < cloud.length; i += 6) {
        for (let axis = 0; axis < 3; axis++) {
          ends[axis][0] = Math.min(ends[axis][0], cloud[i + axis]);
          ends[axis][1] = Math.max(ends[axis][1], cloud[i + axis]);
        }
      }
    }
    this.middle = ends.map(([low, high]) => (low + high) / 2);
    this.size = ends.map(([low, high]) => Math.max(10, high - low));
    this.reachMm = Math.hypot(...this.size) / 2;
  }

  draw() {
    const ratio = Math.min(2, devicePixelRatio || 1);
    const width = Math.round(this.canvas.clientWidth * ratio);
    const height = Math.round(this.canvas.clientHeight * ratio);
    if (width < 2 || height < 2) return;
    if (this.canvas.width !== width) this.canvas.width = width;
    if (this.canvas.height !== height) this.canvas.height = height;
    const [wide, deep, high] = this.size;
    const scale = Math.min(width / Math.hypot(wide, deep), height / (high + 0.3 * deep));
    const inner = this.scan.regions.some(region => region.shown && !region.isLung);
    const solid = new Layer(width, height);
    const glass = new Layer(width, height);
    this.scan.regions.forEach((region, index) => {
      if (region.shown) this.splat(region.isLung && inner ? glass : solid, this.clouds[index], region, scale);
    });
    this.compose(solid, glass);
  }

  /** Put the points of one region into a layer, nearest first come. */
  splat(layer, cloud, {colour, isTree}, scale) {
    const [cosTurn, sinTurn] = [Math.cos(this.turn), Math.sin(this.turn)];
    const [cosTilt, sinTilt] = [Math.cos(this.tilt), Math.sin(this.tilt)];
    const {width, height, depth, facing, colours} = layer;
    const dots = discs(Math.max(isTree ? 1 : 1.5, (isTree ? 0.4 : 0.85) * Math.max(...this.scan.spacing) * scale), scale);
    const [middleX, middleY, middleZ] = this.middle;
    const rgb = (colour[0] << 16) | (colour[1] << 8) | colour[2];
    const norm = Math.hypot(...LIGHT);
    for (let i = 0; i < cloud.length; i += 6) {
      // x to the patient's left, which is the viewer's right; y to the back, away from the viewer; z up.
      const [px, py, pz] = [cloud[i] - middleX, cloud[i + 1] - middleY, cloud[i + 2] - middleZ];
      const x = px * cosTurn - py * sinTurn;
      const y = px * sinTurn + py * cosTurn;
      const near = -y * cosTilt + pz * sinTilt;
      const up = pz * cosTilt + y * sinTilt;
      const nx = cloud[i + 3] * cosTurn - cloud[i + 4] * sinTurn;
      const ny = cloud[i + 3] * sinTurn + cloud[i + 4] * cosTurn;
      const towards = -ny * cosTilt + cloud[i + 5] * sinTilt;
      if (towards < -0.15 && !isTree) continue; // the back of a surface
      const nz = cloud[i + 5] * cosTilt + ny * sinTilt;
      const light = Math.max(0, (nx * LIGHT[0] + towards * LIGHT[1] + nz * LIGHT[2]) / norm);
      const column = Math.round(width / 2 + x * scale);
      const row = Math.round(height / 2 - up * scale);
      const packedColour = rgb | (Math.min(255, 40 + 215 * (0.25 + 0.75 * light)) << 24);
      for (const [right, down, bulge] of dots) {
        const [u, v] = [column + right, row + down];
        if (u < 0 || v < 0 || u >= width || v >= height) continue;
        const pixel = v * width + u;
        if (near + bulge > depth[pixel]) {
          depth[pixel] = near + bulge;
          facing[pixel] = Math.max(0, towards);
          colours[pixel] = packedColour;
        }
      }
    }
  }

  /** Lay the lungs over what is in them: clear where they face the viewer, denser at their rim. */
  compose(solid, glass) {
    const context = this.canvas.getContext('2d');
    const image = context.createImageData(solid.width, solid.height);
    const pixels = image.data;
    for (let i = 0; i < solid.depth.length; i++) {
      const rgb = [0, 0, 0];
      if (solid.depth[i] > NOWHERE) {
        const fade = 0.72 + 0.28 * Math.min(1, Math.max(0, solid.depth[i] / this.reachMm + 0.5));
        addShaded(rgb, solid.colours[i], fade);
      }
      if (glass.depth[i] > NOWHERE) {
        const rim = 1 - glass.facing[i];
        const behind = glass.depth[i] > solid.depth[i];
        const weight = behind ? 0.16 + 0.6 * rim * rim : 0;
        const own = [0, 0, 0];
        addShaded(own, glass.colours[i], 1);
        for (let k = 0; k < 3; k++) rgb[k] += (own[k] - rgb[k]) * weight;
      }
      pixels[4 * i] = rgb[0];
      pixels[4 * i + 1] = rgb[1];
      pixels[4 * i + 2] = rgb[2];
      pixels[4 * i + 3] = 255;
    }
    context.putImageData(image, 0, 0);
  }
}

const NOWHERE = -1e9;

/** Pixels of a disc about its middle, each with how far (mm) it comes towards the viewer, as a ball does. */
function discs(radius, pixelsPerMm) {
  const pixels = [];
  const reach = Math.ceil(radius);
  for (let down = -reach; down <= reach; down++) {
    for (let right = -reach; right <= reach; right++) {
      const rest = radius * radius - right * right - down * down;
      if (rest >= 0) pixels.push([right, down, (0.5 * Math.sqrt(rest)) / pixelsPerMm]);
    }
  }
  return pixels;
}

class Layer {
  constructor(width, height) {
    this.width = width;
    this.height = height;
    this.depth = new Float32Array(width * height).fill(NOWHERE);
    this.facing = new Float32Array(width * height);
    this.colours = new Uint32Array(width * height); // shade, red, green, blue
  }
}

function addShaded(rgb, packedColour, factor) {
  const shade = ((packedColour >>> 24) / 255) * factor;
  rgb[0] += ((packedColour >> 16) & 255) * shade;
  rgb[1] += ((packedColour >> 8) & 255) * shade;
  rgb[2] += (packedColour & 255) * shade;
}

/** Places (mm from the middle) and normals of the voxels at a region's border, six numbers each. */
function surfacePoints(scan, region) {
  const {shape, strides, spacing} = scan;
  const {coverage, level} = region;
  const [, row, slice] = strides;
  const points = [];
  for (let z = 1; z < shape[2] - 1; z++) {
    for (let y = 1; y < shape[1] - 1; y++) {
      let i = 1 + y * strides[1] + z * strides[2];
      for (let x = 1; x < shape[0] - 1; x++, i++) {
        if (coverage[i] <= level) continue;
        const isInside = coverage[i - 1] > level && coverage[i + 1] > level && coverage[i - row] > level;
        if (isInside && coverage[i + row] > level && coverage[i - slice] > level && coverage[i + slice] > level) continue;
        const [nx, ny, nz] = smoothGradient(coverage, i, strides, spacing);
        const length = Math.hypot(nx, ny, nz);
        if (!length) continue;
        // To the first order, the border lies so far out along the normal.
        const out = Math.min(spacing[0], (coverage[i] - level) / length);
        const place = [x, y, z].map((value, axis) => (value + 0.5 - shape[axis] / 2) * spacing[axis]);
        points.push(place[0] + (nx / length) * out, place[1] + (ny / length) * out, place[2] + (nz / length) * out);
        points.push(nx / length, ny / length, nz / length);
      }
    }
  }
  return new Float32Array(points);
}

const SMALLEST_TREE = 60; // voxels; what hangs together less would be dots

/** Places of the voxels of a tree, drawn towards its middle lines, with the normals there. */
function treePoints(scan, {coverage, level}) {
  const {shape, strides, spacing} = scan;
  const wanted = connected(scan, coverage, level, SMALLEST_TREE);
  const points = [];
  for (let z = 1; z < shape[2] - 1; z++) {
    for (let y = 1; y < shape[1] - 1; y++) {
      let i = 1 + y * strides[1] + z * strides[2];
      for (let x = 1; x < shape[0] - 1; x++, i++) {
        if (!wanted[i]) continue;
        const moment = [0, 0, 0];
        let weight = 0;
        for (let c = -1; c < 2; c++) {
          for (let b = -1; b < 2; b++) {
            for (let a = -1; a < 2; a++) {
              const value = coverage[i + a + b * strides[1] + c * strides[2]];
              weight += value;
              moment[0] += a * value;
              moment[1] += b * value;
              moment[2] += c * value;
            }
          }
        }
        const place = [x, y, z].map((value, axis) => (value + moment[axis] / weight + 0.5 - shape[axis] / 2) * spacing[axis]);
        const length = Math.hypot(...moment) || 1;
        points.push(...place, ...moment.map(value => -value / length));
      }
    }
  }
  return new Float32Array(points);
}

/** Mark the voxels above a level that hang together, over corners too, in pieces of at least so many. */
function connected(scan, coverage, level, fewest) {
  const {shape, strides} = scan;
  const seen = new Uint8Array(coverage.length);
  const kept = new Uint8Array(coverage.length);
  const around = [];
  for (let c = -1; c < 2; c++) for (let b = -1; b < 2; b++) for (let a = -1; a < 2; a++) around.push(a + b * strides[1] + c * strides[2]);
  const margin = strides[2] + strides[1] + 1;
  const piece = new Int32Array(coverage.length);
  for (let start = margin; start < shape[2] * strides[2] - margin; start++) {
    if (seen[start] || coverage[start] <= level) continue;
    let [count, next] = [1, 0];
    piece[0] = start;
    seen[start] = 1;
    while (next < count) {
      const middle = piece[next++];
      for (const step of around) {
        const other = middle + step;
        if (!seen[other] && coverage[other] > level) {
          seen[other] = 1;
          piece[count++] = other;
        }
      }
    }
    if (count >= fewest) for (let i = 0; i < count; i++) kept[piece[i]] = 1;
  }
  return kept;
}

/** How a coverage falls in each direction (levels a mm), averaged over the neighbours. */
function smoothGradient(coverage, i, strides, spacing) {
  const falls = [0, 0, 0];
  for (let c = -1; c < 2; c++) {
    for (let b = -1; b < 2; b++) {
      for (let a = -1; a < 2; a++) {
        const value = coverage[i + a + b * strides[1] + c * strides[2]];
        falls[0] -= a * value;
        falls[1] -= b * value;
        falls[2] -= c * value;
      }
    }
  }
  return falls.map((fall, axis) => fall / (18 * spacing[axis]));
}
