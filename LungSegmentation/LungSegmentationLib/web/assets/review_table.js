// The table of all scans: what its columns show, how it sorts, and which rows the filters let through.

const fixed = decimals => value => (value === null ? '–' : value.toFixed(decimals));
const COLUMNS = [
  {key: 'thumbnail', title: '', wide: true},
  {key: 'scan', title: 'Scan'},
  {key: 'rating', title: 'Rating'},
  {key: 'verdict', title: 'Verdict'},
  {key: 'outlier', title: 'Outlier |z|', text: fixed(1), wide: true},
  {key: 'findings', title: 'Findings', wide: true},
  {key: 'right_ml', title: 'Right (mL)', text: fixed(0), wide: true},
  {key: 'left_ml', title: 'Left (mL)', text: fixed(0), wide: true},
  {key: 'volume_ml', title: 'Both (mL)', text: fixed(0), scored: true, wide: true},
  {key: 'mean_hu', title: 'Density (HU)', text: fixed(0), scored: true, wide: true},
  {key: 'uncertainty', title: 'Uncertainty', text: fixed(3), scored: true, wide: true},
  {key: 'method', title: 'Method', wide: true},
];

class ReviewTable {
  constructor(facts, ratingOf, onOpen) {
    this.facts = facts;
    this.ratingOf = ratingOf;
    this.onOpen = onOpen;
    this.sort = {key: 'outlier', down: true};
    this.rows = facts.scans.map(scan => this.makeRow(scan));
    this.makeTitles();
    this.makeFilters();
    this.show();
  }

  makeTitles() {
    for (const column of COLUMNS) {
      const title = element('th', {className: `${column.text ? 'number' : ''} ${column.wide ? 'wide' : ''}`});
      title.dataset.key = column.key;
      if (column.title) {
        const button = element('button', {type: 'button', textContent: column.title});
        button.onclick = () => this.sortBy(column.key, Boolean(column.text));
        title.append(button);
      }
      document.getElementById('titles').append(title);
    }
  }

  makeRow(scan) {
    const cells = {};
    const row = element('tr', {});
    row.dataset.scan = scan.scan;
    for (const column of COLUMNS) {
      const value = scan[column.key];
      const cell = element('td', {className: `${column.text ? 'number' : ''} ${column.wide ? 'wide' : ''}`});
      if (column.key === 'thumbnail') {
        if (value) cell.append(element('img', {src: value, alt: '', decoding: 'async', loading: 'lazy'}));
      } else if (column.key === 'scan') {
        cell.classList.add('name');
        cell.append(element('button', {type: 'button', textContent: value}));
      } else if (column.key === 'verdict') {
        cell.textContent = `${value}${scan.coverage === 'cut' ? ', cut' : ''}`;
        if (value) cell.classList.add(value);
      } else if (column.key === 'findings') {
        cell.classList.add('findings');
        cell.append(scan.error ? element('span', {className: 'warning', textContent: scan.error}) : value.join('; '));
      } else if (column.text) {
        cell.textContent = column.text(value);
        const score = column.scored ? scan.scores[column.key] : column.key === 'outlier' ? value : null;
        if (score !== null && Math.abs(score) >= this.facts.limit) cell.classList.add('far');
        if (column.scored && score !== null) cell.title = `z ${score}`;
      } else cell.textContent = value ?? '';
      cells[column.key] = cell;
      row.append(cell);
    }
    row.onclick = () => this.onOpen(scan);
    return {scan, row, cells};
  }

  makeFilters() {
    const {scans} = this.facts;
    const several = values => [...new Set(values)].filter(Boolean).sort();
    const fill = (id, options) => {
      const select = document.getElementById(id);
      select.append(new Option('all', ''), ...options.map(option => new Option(option, option)));
    };
    fill('verdict', several([...scans.map(scan => scan.verdict), ...scans.map(scan => (scan.coverage === 'cut' ? 'cut' : ''))]));
    fill('finding', several(scans.flatMap(scan => scan.findings)));
    fill('method', several(scans.map(scan => scan.method)));
    fill('rating-filter', ['not rated', ...RATINGS.map(rating => rating.value), 'stale']);
    const filters = document.getElementById('filters');
    filters.oninput = () => this.show();
    document.getElementById('clear').onclick = () => {
      for (const field of filters.querySelectorAll('input, select')) {
        if (field.type === 'checkbox') field.checked = false;
        else field.value = '';
      }
      this.show();
    };
  }

  passes(scan) {
    const value = id => document.getElementById(id).value;
    const number = id => (value(id).trim() === '' ? null : Number(value(id)));
    const words = value('search').toLowerCase().split(/\s+/).filter(Boolean);
    const text = [scan.scan, scan.method, scan.error, ...scan.findings].join(' ').toLowerCase();
    const rating = this.ratingOf(scan);
    const wanted = value('rating-filter');
    const kind = rating?.rating ? rating.rating : 'not rated';
    const [from, to, unsure] = [number('volume-from'), number('volume-to'), number('uncertainty-from')];
    return (
      words.every(word => text.includes(word)) &&
      (!value('verdict') || scan.verdict === value('verdict') || (value('verdict') === 'cut' && scan.coverage === 'cut')) &&
      (!value('finding') || scan.findings.includes(value('finding'))) &&
      (!value('method') || scan.method === value('method')) &&
      (!wanted || (wanted === 'stale' ? Boolean(rating?.stale) : kind === wanted)) &&
      (from === null || (scan.volume_ml !== null && scan.volume_ml >= from)) &&
      (to === null || (scan.volume_ml !== null && scan.volume_ml <= to)) &&
      (unsure === null || (scan.uncertainty !== null && scan.uncertainty >= unsure)) &&
      (!document.getElementById('errors').checked || scan.error !== '')
    );
  }

  sortBy(key, downFirst) {
    this.sort = {key, down: this.sort.key === key ? !this.sort.down : downFirst};
    this.show();
  }

  sortValue(scan) {
    const {key} = this.sort;
    if (key === 'rating') return this.ratingOf(scan)?.rating ?? '';
    if (key === 'findings') return scan.error ? Infinity : scan.findings.length;
    if (key === 'outlier' && scan.error) return Infinity; // what cannot be read comes before all others
    return scan[key];
  }

  /** Show the rows that pass, in order; what has no value comes last. */
  show() {
    const sign = this.sort.down ? -1 : 1;
    const passing = this.rows.filter(({scan}) => this.passes(scan)).map(row => ({...row, value: this.sortValue(row.scan)}));
    const missing = value => value === null || value === undefined;
    passing.sort((one, other) => {
      if (missing(one.value) || missing(other.value)) return Number(missing(one.value)) - Number(missing(other.value));
      if (one.value === other.value) return one.scan.scan.localeCompare(other.scan.scan, undefined, {numeric: true});
      if (typeof one.value === 'string') return sign * one.value.localeCompare(other.value, undefined, {numeric: true});
      return one.value < other.value ? -sign : sign;
    });
    this.shown = passing.map(({scan}) => scan);
    document.getElementById('rows').replaceChildren(...passing.map(({row}) => row));
    for (const title of document.getElementById('titles').children) {
      const sorted = title.dataset.key === this.sort.key;
      title.setAttribute('aria-sort', sorted ? (this.sort.down ? 'descending' : 'ascending') : 'none');
    }
    this.onShow?.();
  }

  /** Write the rating of a scan into its row, or of all scans. */
  mark(only = null) {
    for (const {scan, cells} of this.rows) {
      if (only && only !== scan) continue;
      const rating = this.ratingOf(scan);
      const cell = cells.rating;
      cell.className = rating?.rating ? rating.rating.split(' ')[0] : '';
      cell.replaceChildren(rating?.rating ?? '');
      const notes = [rating?.stale && 'stale', rating?.comment && 'comment', rating?.others && `+${rating.others}`].filter(Boolean);
      if (notes.length) cell.append(element('span', {className: 'quiet', textContent: ` ${notes.join(', ')}`}));
      cell.title = rating?.comment ?? '';
    }
  }

  choose(scan) {
    for (const {scan: other, row} of this.rows) row.setAttribute('aria-current', String(other === scan));
    this.rows.find(row => row.scan === scan)?.row.scrollIntoView({block: 'nearest'});
  }
}
