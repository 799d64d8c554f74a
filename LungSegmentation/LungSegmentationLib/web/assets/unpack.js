// The bytes that a page holds: base64, gzip, and grey values as differences from what their neighbours let expect (packing.py).

async function unzipped(elementId) {
  const text = atob(document.getElementById(elementId).textContent.trim());
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Undo the prediction in place; shape is [columns, rows, slices]. */
function withoutPrediction(values, [columns, rows, slices]) {
  const plane = columns * rows;
  let i = 0;
  for (let z = 0; z < slices; z++) {
    for (let y = 0; y < rows; y++) {
      // What lies left of the first column is 0.
      let left = 0;
      let leftAbove = 0;
      let leftBelow = 0;
      for (let x = 0; x < columns; x++, i++) {
        const above = y ? values[i - columns] : 0;
        const below = z ? values[i - plane] : 0;
        const aboveBelow = y && z ? values[i - plane - columns] : 0;
        const one = left + above - leftAbove;
        const other = left + below - leftBelow;
        const third = above + below - aboveBelow;
        const [low, high] = one < other ? [one, other] : [other, one];
        values[i] += third < low ? low : third > high ? high : third;
        left = values[i];
        leftAbove = above;
        leftBelow = below;
      }
    }
  }
  return values;
}
