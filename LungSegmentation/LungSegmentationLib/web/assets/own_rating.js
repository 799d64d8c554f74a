// The rating of a viewer that was opened alone: kept in this browser, by the labels' hash.

function addOwnRating(labels) {
  const storeKey = `lungsegmentation-viewer:${labels}`;
  const note = element('span', {className: 'quiet', id: 'kept'});
  note.setAttribute('role', 'status');
  const rater = element('input', {placeholder: 'Rater', size: 8, id: 'rater', maxLength: 100});
  rater.setAttribute('aria-label', 'rater');
  let kept = {rating: '', comment: '', rater: ''};
  try {
    kept = {...kept, ...JSON.parse(localStorage.getItem(storeKey) ?? '{}')};
  } catch {
    // What cannot be read is as good as missing; saving says so.
  }
  const save = change => {
    kept = {...kept, ...change, rater: rater.value, time: new Date().toISOString()};
    try {
      localStorage.setItem(storeKey, JSON.stringify(kept));
      note.textContent = 'kept in this browser; save it as CSV to pass it on';
      note.classList.remove('warning');
    } catch {
      note.textContent = 'NOT SAVED: this browser keeps nothing of this page; save it as CSV';
      note.classList.add('warning');
    }
  };
  const bar = new RatingBar(save);
  rater.value = kept.rater;
  rater.onchange = () => save({});
  bar.show(kept.rating, kept.comment);
  const exported = element('button', {type: 'button', textContent: 'Save as CSV', id: 'export'});
  exported.onclick = () => {
    const folder = decodeURIComponent(location.pathname).split('/').at(-2) ?? '';
    saveFile('rating.csv', ratingsCsv([{...kept, scan: folder, labels, rater: rater.value}]));
  };
  document.getElementById('rating').append(...bar.buttons, bar.comment, rater, exported, note);
  return bar;
}
