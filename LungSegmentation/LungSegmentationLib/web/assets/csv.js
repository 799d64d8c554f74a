// Ratings as CSV (RFC 4180), and keys that mean the same on every page.

const RATINGS = [
  {value: 'accept', key: 'a', title: 'Accept'},
  {value: 'reject', key: 'r', title: 'Reject'},
  {value: 'needs edit', key: 'e', title: 'Needs edit'},
];
const RATING_FIELDS = ['scan', 'rater', 'rating', 'comment', 'labels', 'time'];

function csvCell(value) {
  // No spreadsheet program takes it for a formula.
  const text = String(value ?? '').replace(/(^|[;\t\r\n])(?=[=+\-@\t\r\n＝＋－＠])/g, "$1'");
  return /[",;\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function ratingsCsv(rows) {
  return [RATING_FIELDS, ...rows.map(row => RATING_FIELDS.map(field => row[field]))].map(row => row.map(csvCell).join(',') + '\r\n').join('');
}

/** Rows of a CSV text as objects by the titles of its first row. */
function parsedCsv(text) {
  const rows = [[]];
  const cell = /("(?:[^"]|"")*"|[^,\r\n"]*)(,|\r?\n|$)/gy;
  const body = text.replace(/^\ufeff/, '');
  while (cell.lastIndex < body.length) {
    const found = cell.exec(body);
    if (!found) throw new Error('this is no CSV file of ratings');
    const [, value, end] = found;
    rows.at(-1).push(value.startsWith('"') ? value.slice(1, -1).replaceAll('""', '"') : value);
    if (end !== ',' && cell.lastIndex < body.length) rows.push([]);
  }
  const [titles, ...others] = rows;
  if (!titles.includes('rating')) throw new Error('this is no CSV file of ratings');
  const plain = value => (value ?? '').replace(/(^|[;\t\r\n])'(?=[=+\-@\t\r\n＝＋－＠])/g, '$1');
  return others.filter(row => row.length > 1).map(row => Object.fromEntries(titles.map((title, i) => [title, plain(row[i])])));
}

function saveFile(name, text) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob(['\ufeff', text], {type: 'text/csv'}));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** Whether a key is typed into a field, or belongs to the browser. */
function isTyped(event) {
  const field = event.target.closest?.('input, textarea, select');
  const takesText = field && !['checkbox', 'button', 'file'].includes(field.type);
  return Boolean(takesText) || event.ctrlKey || event.metaKey || event.altKey;
}

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children.filter(child => child !== null));
  return made;
}
