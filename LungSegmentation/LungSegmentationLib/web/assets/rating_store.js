// Where ratings are kept: in ratings.csv by the server that gave the page, or in this browser's storage under the folder's random name.

const RETRY_MS = 3000;

class RatingStore {
  constructor(cohort, onState) {
    this.key = `lungsegmentation-review:${cohort}`;
    this.served = location.protocol.startsWith('http');
    this.onState = onState;
    this.rows = new Map();
    this.unsaved = new Map();
    this.notExported = 0;
    addEventListener('beforeunload', event => {
      if (this.unsaved.size) event.preventDefault();
    });
  }

  static name(scan, rater) {
    return JSON.stringify([scan, rater]);
  }

  async load() {
    try {
      const rows = this.served ? await this.request('GET') : JSON.parse(localStorage.getItem(this.key) ?? '[]');
      for (const row of rows) this.rows.set(RatingStore.name(row.scan, row.rater), row);
      this.tell();
    } catch (error) {
      this.onState(`NOT READ: the earlier ratings are out of reach (${error.message})`, false);
    }
  }

  async request(method, rows) {
    const options = {method, headers: {'Content-Type': 'application/json'}, body: rows && JSON.stringify(rows), cache: 'no-store'};
    const answer = await fetch('api/ratings', options);
    if (!answer.ok) throw new Error((await answer.text()) || `status ${answer.status}`);
    return answer.json();
  }

  of(scan, rater) {
    return this.rows.get(RatingStore.name(scan, rater));
  }

  othersOf(scan, rater) {
    return [...this.rows.values()].filter(row => row.scan === scan && row.rater !== rater && row.rating);
  }

  async put(rows) {
    for (const row of rows) {
      const name = RatingStore.name(row.scan, row.rater);
      this.rows.set(name, row);
      this.unsaved.set(name, row);
    }
    this.notExported += rows.length;
    await this.flush();
  }

  /** Save what is not saved yet; try again until it is. */
  async flush() {
    clearTimeout(this.timer);
    const sent = new Map(this.unsaved);
    if (!sent.size) return;
    try {
      if (this.served) await this.request('PUT', [...sent.values()]);
      else localStorage.setItem(this.key, JSON.stringify([...this.rows.values()]));
      for (const [name, row] of sent) if (this.unsaved.get(name) === row) this.unsaved.delete(name);
      this.tell();
    } catch (error) {
      const advice = this.served ? 'is the server still running? Export the ratings as CSV' : 'export the ratings as CSV';
      this.onState(`NOT SAVED: ${this.unsaved.size} (${error.message}); ${advice}`, false);
      this.timer = setTimeout(() => this.flush(), RETRY_MS);
    }
  }

  exported() {
    this.notExported = 0;
    if (!this.unsaved.size) this.tell();
  }

  tell() {
    const waiting = this.notExported ? `, ${this.notExported} not exported` : '';
    this.onState(this.served ? 'saved in ratings.csv' : `kept in this browser only${waiting}; export them to pass them on`, true);
  }
}
