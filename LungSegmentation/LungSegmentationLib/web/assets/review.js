// The review: table and charts of all scans, and one scan at a time in its viewer, with a rating.

const RATER_KEY = 'lungsegmentation-rater';

class Review {
  constructor(facts) {
    this.facts = facts;
    this.current = null;
    this.sequence = [];
    this.frames = []; // the viewer that is seen, and the one that waits
    this.direction = 1;
    this.kept = document.getElementById('kept');
    this.rater = document.getElementById('rater');
    this.rater.value = remembered(RATER_KEY);
    this.rater.onchange = () => this.changeRater();
    this.store = new RatingStore(facts.cohort, (text, saved) => this.showState(text, saved));
    this.bar = new RatingBar(change => this.rate(change));
    document.getElementById('rating').append(...this.bar.buttons, this.bar.comment);
    this.table = new ReviewTable(facts, scan => this.ratingOf(scan), scan => this.open(scan, this.table.shown));
    this.table.onShow = () => this.drawCharts();
    document.getElementById('back').onclick = () => this.close();
    document.getElementById('next').onclick = () => this.step(1);
    document.getElementById('previous').onclick = () => this.step(-1);
    document.getElementById('export').onclick = () => this.export();
    const chooser = document.getElementById('import');
    document.getElementById('import-button').onclick = () => chooser.click();
    chooser.onchange = () => this.import(chooser);
    document.addEventListener('keydown', event => {
      if (!isTyped(event) && this.press(event.key)) event.preventDefault();
    });
    addEventListener('message', event => this.hear(event));
  }

  async begin() {
    await this.store.load();
    this.refresh();
    const wanted = decodeURIComponent(location.hash.slice(1));
    const scan = this.facts.scans.find(({scan: name}) => name === wanted);
    if (scan) this.open(scan, this.table.shown);
  }

  ratingOf(scan) {
    const own = this.store.of(scan.scan, this.rater.value);
    const others = this.store.othersOf(scan.scan, this.rater.value).length;
    if (!own && !others) return null;
    return {rating: '', comment: '', ...own, stale: Boolean(own?.rating) && own.labels !== scan.labels, others};
  }

  showState(text, saved) {
    this.kept.textContent = text;
    this.kept.className = saved ? 'quiet' : 'warning';
    this.kept.dataset.saved = saved;
  }

  refresh() {
    this.table.mark();
    this.table.show();
    this.showProgress();
    if (this.current) this.showRating();
  }

  showProgress() {
    const rated = this.facts.scans.filter(scan => this.store.of(scan.scan, this.rater.value)?.rating).length;
    document.getElementById('progress').textContent = `${rated} of ${this.facts.scans.length} rated`;
  }

  changeRater() {
    try {
      localStorage.setItem(RATER_KEY, this.rater.value);
    } catch {
      // The name is typed again next time.
    }
    this.refresh();
  }

  drawCharts() {
    drawCharts(this.facts, this.table.shown, this.current, scan => this.open(scan, this.table.shown));
  }

  // --- one scan

  /** Show a scan; next and previous follow the sequence that the table had then, whatever the filters make of a new rating. */
  open(scan, sequence) {
    this.current = scan;
    this.sequence = sequence.includes(scan) ? sequence : this.facts.scans;
    document.body.classList.add('viewing');
    document.getElementById('viewing').hidden = false;
    this.showFrame(scan);
    document.getElementById('current').textContent = scan.scan;
    const report = document.getElementById('report');
    report.hidden = !scan.has_report;
    report.href = `${folderOf(scan)}/report.html`;
    history.replaceState(null, '', `#${encodeURIComponent(scan.scan)}`);
    this.table.choose(scan);
    this.showRating();
  }

  /** Show the viewer of a scan; it may be there already, as the one that was made ready for the next step. */
  showFrame(scan) {
    this.say('');
    delete document.documentElement.dataset.viewer;
    const shown = this.frames.find(frame => frame.scan === scan) ?? this.makeFrame(scan);
    for (const frame of this.frames) if (frame !== shown) frame.element.remove();
    this.frames = [shown];
    shown.element.classList.remove('waiting');
    this.tellReady(shown);
  }

  makeFrame(scan) {
    let made;
    if (scan.has_viewer) {
      made = element('iframe', {title: `viewer of ${scan.scan}`, className: 'waiting'});
      made.setAttribute('sandbox', 'allow-scripts');
      made.src = `${folderOf(scan)}/viewer.html`;
    } else {
      const text = scan.error || 'This result was written without a viewer; report.html has pictures.';
      made = element('p', {textContent: text, className: 'waiting'});
    }
    const frame = {scan, element: made, labels: null};
    this.frames.push(frame);
    document.getElementById('frame').append(made);
    return frame;
  }

  /** Say of the viewer that is seen that it is ready, and make the one ready that will be seen next. */
  tellReady(frame) {
    if (frame.scan !== this.current || (frame.labels === null && frame.scan.has_viewer)) return;
    document.documentElement.dataset.viewer = frame.scan.scan;
    if (frame.scan.has_viewer && frame.labels !== frame.scan.labels) this.say('The labels were changed since this viewer was written.');
    const next = this.sequence[this.sequence.indexOf(frame.scan) + this.direction];
    if (next && this.frames.length === 1) this.makeFrame(next);
  }

  close() {
    this.current = null;
    this.frames = [];
    document.getElementById('frame').replaceChildren();
    document.getElementById('viewing').hidden = true;
    document.body.classList.remove('viewing');
    history.replaceState(null, '', '#');
    this.table.choose(null);
    this.table.show();
  }

  step(by) {
    if (!this.current) {
      if (this.table.shown.length) this.open(this.table.shown[0], this.table.shown);
      return;
    }
    this.direction = by;
    const next = this.sequence[this.sequence.indexOf(this.current) + by];
    if (next) this.open(next, this.sequence);
    else this.say(by > 0 ? 'This was the last scan.' : 'This is the first scan.');
  }

  say(text) {
    document.getElementById('note').textContent = text;
  }

  showRating() {
    const rating = this.ratingOf(this.current);
    this.bar.show(rating?.rating ?? '', rating?.comment ?? '');
    if (rating?.stale) this.say('The rating is of older labels: stale.');
  }

  rate({rating, comment}) {
    const scan = this.current;
    if (!scan) return;
    const row = {scan: scan.scan, rater: this.rater.value, rating, comment, labels: scan.labels, time: new Date().toISOString()};
    this.say('');
    this.store.put([row]);
    this.table.mark(scan);
    this.showProgress();
  }

  // --- keys, also those pressed in the viewer

  press(key) {
    if (key === 'n' || key === 'p') this.step(key === 'n' ? 1 : -1);
    else if (key === 'Escape' && this.current) this.close();
    else if (key === '/' && !this.current) document.getElementById('search').focus();
    else if (this.current) return this.bar.press(key);
    else return false;
    return true;
  }

  /** Hear the viewers in the frames, and nobody else; keys only of the one that is seen. */
  hear({source, data}) {
    const frame = this.frames.find(({element: {contentWindow}}) => contentWindow && contentWindow === source);
    if (!frame || data?.lungsegmentation !== 'viewer') return;
    const isSeen = frame.scan === this.current;
    if (data.type === 'key' && typeof data.key === 'string' && isSeen) this.press(data.key);
    if (data.type === 'failed' && isSeen) this.say('The viewer could not be shown; see report.html.');
    if (data.type === 'ready') {
      frame.labels = String(data.labels);
      this.tellReady(frame);
    }
  }

  // --- ratings to and from files

  export() {
    saveFile('ratings.csv', ratingsCsv([...this.store.rows.values()]));
    this.store.exported();
  }

  /** Take over the rows of a file that are newer than what is here, of scans that are here (by name, or else by their labels). */
  async import(chooser) {
    const [file] = chooser.files;
    chooser.value = '';
    if (!file) return;
    try {
      const names = new Set(this.facts.scans.map(scan => scan.scan));
      const byLabels = new Map(this.facts.scans.map(scan => [scan.labels, scan.scan]));
      const read = parsedCsv(await file.text()).map(row => ({
        ...Object.fromEntries(RATING_FIELDS.map(field => [field, row[field] ?? ''])),
        scan: names.has(row.scan) ? row.scan : byLabels.get(row.labels),
      }));
      const known = read.filter(row => row.scan !== undefined && (row.rating === '' || RATINGS.some(({value}) => value === row.rating)));
      const newer = known.filter(row => (this.store.of(row.scan, row.rater)?.time ?? '') < row.time);
      if (newer.length) await this.store.put(newer);
      this.refresh();
      const left = read.length - known.length;
      this.kept.textContent += `; ${newer.length} of ${read.length} rows taken over${left ? `, ${left} not of scans here` : ''}`;
    } catch (error) {
      this.showState(`NOT IMPORTED: ${error.message}`, false);
    }
  }
}

function folderOf(scan) {
  return scan.scan.split('/').map(encodeURIComponent).join('/');
}

function remembered(key) {
  try {
    return localStorage.getItem(key) ?? '';
  } catch {
    return '';
  }
}

async function openReview() {
  const review = new Review(JSON.parse(document.getElementById('facts').textContent));
  await review.begin();
  document.documentElement.dataset.ready = 'yes';
}

openReview();
