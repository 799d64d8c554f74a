// The scan of a page: grey values and the share of each voxel that each region takes, on one grid.
// Axes: 0 from the patient's right to the left, 1 from front to back, 2 from the feet to the head.

const HALF_COVERED = 7.5; // of 15 levels: the border of a region

class Scan {
  constructor(facts, grey, coverages) {
    this.facts = facts;
    this.shape = facts.shape;
    this.spacing = facts.spacing;
    this.strides = [1, this.shape[0], this.shape[0] * this.shape[1]];
    this.grey = grey;
    this.regions = facts.regions.map((region, index) => ({...region, coverage: coverages[index], shown: true}));
  }

  static async read(facts) {
    const grey = withoutPrediction(await unzipped('grey'), facts.shape);
    const pairs = await Promise.all(Array.from({length: Math.ceil(facts.regions.length / 2)}, (_, i) => unzipped(`regions-${i}`)));
    const coverages = facts.regions.map((_, index) => {
      const pair = pairs[index >> 1];
      const shift = index & 1 ? 4 : 0;
      return pair.map(value => (value >> shift) & 15);
    });
    if (grey.length !== facts.shape[0] * facts.shape[1] * facts.shape[2]) throw new Error('the page is not whole');
    return new Scan(facts, grey, coverages);
  }

  offset(place) {
    return place[0] + place[1] * this.strides[1] + place[2] * this.strides[2];
  }

  hu(place) {
    const [lowest, highest] = this.facts.hu;
    return Math.round(lowest + (this.grey[this.offset(place)] / 255) * (highest - lowest));
  }

  /** The regions that take most of a voxel. */
  regionsAt(place) {
    const offset = this.offset(place);
    return this.regions.filter(region => region.coverage[offset] > HALF_COVERED);
  }

  inside(place) {
    return place.every((value, axis) => value >= 0 && value < this.shape[axis]);
  }

  clamped(place) {
    return place.map((value, axis) => Math.max(0, Math.min(this.shape[axis] - 1, Math.round(value))));
  }

  /** The slice of the scan's own array, as in the tables. */
  sliceNumber(z) {
    return Math.round(this.facts.firstSlice + z * this.facts.sliceStep);
  }
}
