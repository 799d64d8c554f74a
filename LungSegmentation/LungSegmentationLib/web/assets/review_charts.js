// Distributions of what was measured, and how two methods agree (J. M. Bland and D. G. Altman, Lancet 1986).

const CHART = {width: 300, height: 120, left: 8, right: 8, top: 8, bottom: 18};

function svg(tag, attributes = {}, text = '') {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.textContent = text;
  return made;
}

function scaleOf(low, high, from, to) {
  const span = high > low ? high - low : 1;
  return value => from + ((value - low) / span) * (to - from);
}

const scanCount = count => `${count} scan${count === 1 ? '' : 's'}`;

function histogram(title, values, decimals, here) {
  const parts = [element('h2', {textContent: `${title}, ${scanCount(values.length)}`})];
  if (!values.length) return parts;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const count = Math.max(5, Math.min(24, Math.ceil(Math.sqrt(values.length) * 1.5)));
  const bins = new Array(count).fill(0);
  for (const value of values) bins[high > low ? Math.min(count - 1, Math.floor(((value - low) / (high - low)) * count)) : count >> 1]++;
  const {width, height, left, right, top, bottom} = CHART;
  const chart = svg('svg', {viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': title});
  const x = scaleOf(0, count, left, width - right);
  const y = scaleOf(0, Math.max(...bins), height - bottom, top);
  bins.forEach((number, i) => {
    const bar = {class: 'bin', x: x(i) + 0.5, y: y(number), width: x(1) - x(0) - 1, height: height - bottom - y(number)};
    chart.append(svg('rect', bar));
  });
  chart.append(svg('line', {class: 'axis', x1: left, x2: width - right, y1: height - bottom, y2: height - bottom}));
  chart.append(svg('text', {x: left, y: height - 5}, low.toFixed(decimals)));
  chart.append(svg('text', {x: width - right, y: height - 5, 'text-anchor': 'end'}, high.toFixed(decimals)));
  if (here !== null && here !== undefined) {
    const at = scaleOf(low, high, left, width - right)(here);
    chart.append(svg('line', {class: 'here', x1: at, x2: at, y1: top, y2: height - bottom}));
  }
  return [...parts, chart];
}

function blandAltman(pairs, byName, onOpen) {
  const points = pairs.scans
    .map(names => names.map(name => byName.get(name)))
    .filter(([one, other]) => one && other)
    .map(([one, other]) => ({one, mean: (one.volume_ml + other.volume_ml) / 2, difference: one.volume_ml - other.volume_ml}));
  const [first, second] = pairs.methods;
  const title = `Volume (mL): ${first} less ${second} against their mean, ${scanCount(points.length)}`;
  const parts = [element('h2', {textContent: title})];
  if (points.length < 2) return parts;
  const differences = points.map(point => point.difference);
  const bias = differences.reduce((sum, value) => sum + value, 0) / points.length;
  const deviation = Math.sqrt(differences.reduce((sum, value) => sum + (value - bias) ** 2, 0) / (points.length - 1));
  const lines = [bias - 1.96 * deviation, bias, bias + 1.96 * deviation];
  const {width, left, right, top, bottom} = CHART;
  const height = 190;
  const chart = svg('svg', {viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': title});
  const means = points.map(point => point.mean);
  const x = scaleOf(Math.min(...means), Math.max(...means), left + 8, width - right - 8);
  const y = scaleOf(Math.min(...differences, lines[0]), Math.max(...differences, lines[2]), height - bottom - 14, top + 14);
  lines.forEach((value, i) => {
    chart.append(svg('line', {class: i === 1 ? 'axis' : 'limit', x1: left, x2: width - right, y1: y(value), y2: y(value)}));
    const name = ['mean - 1.96 SD', 'mean', 'mean + 1.96 SD'][i];
    chart.append(svg('text', {x: width - right, y: y(value) - 3, 'text-anchor': 'end'}, `${name} ${value.toFixed(1)}`));
  });
  for (const point of points) {
    const dot = svg('circle', {class: 'dot', cx: x(point.mean), cy: y(point.difference), r: 3.5});
    dot.append(svg('title', {}, point.one.scan));
    dot.addEventListener('click', () => onOpen(point.one));
    chart.append(dot);
  }
  chart.append(svg('text', {x: left, y: height - 5}, Math.min(...means).toFixed(0)));
  chart.append(svg('text', {x: width - right, y: height - 5, 'text-anchor': 'end'}, Math.max(...means).toFixed(0)));
  chart.dataset.bias = bias;
  chart.dataset.limits = lines;
  return [...parts, chart];
}

function drawCharts(facts, shown, current, onOpen) {
  const measures = [
    ['volume_ml', 'Volume of both lungs (mL)', 0],
    ['mean_hu', 'Mean density (HU)', 0],
    ['uncertainty', 'Uncertainty', 3],
  ];
  const parts = measures.flatMap(([key, title, decimals]) => {
    const values = shown.map(scan => scan[key]).filter(value => value !== null);
    return values.length ? histogram(title, values, decimals, current?.[key]) : [];
  });
  if (facts.pairs) parts.push(...blandAltman(facts.pairs, new Map(facts.scans.map(scan => [scan.scan, scan])), onOpen));
  document.getElementById('charts').replaceChildren(...parts);
}
