// The viewer: three planes and the surfaces of one result, its findings, and keys for everything.

const PAGE_STEP = 5;
const TURN_STEP = 0.15;
const ZOOM_STEP = 1.25;

class Viewer {
  constructor(scan) {
    this.scan = scan;
    this.facts = scan.facts;
    this.place = scan.shape.map(size => size >> 1);
    this.look = {greys: new Uint8ClampedArray(256), outlines: true, opacity: 0, box: null};
    this.finding = -1;
    this.pending = 0;
    this.makePanes();
    this.makeControls();
    this.makeFindings();
    this.setWindow(0);
    addEventListener('resize', () => this.drawSoon(true));
    document.addEventListener('keydown', event => this.press(event));
  }

  makePanes() {
    const grid = document.getElementById('panes');
    this.planes = PLANES.map(plane => {
      const pane = this.makePane(grid, plane.title);
      const view = new PlaneView(pane.canvas, plane, this.scan);
      view.pane = pane;
      this.addPointer(view);
      return view;
    });
    const pane = this.makePane(grid, 'Surfaces');
    pane.caption.textContent = '3D: drag or arrow keys';
    this.surfaces = new SurfaceView(pane.canvas, this.scan);
    this.surfaces.pane = pane;
    pane.canvas.addEventListener('pointerdown', event => pane.canvas.setPointerCapture(event.pointerId));
    pane.canvas.addEventListener('pointermove', event => {
      if (event.buttons & 1) this.rotate(event.movementX / 110, event.movementY / 110);
    });
  }

  makePane(grid, title) {
    const canvas = element('canvas', {tabIndex: 0});
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', `${title} view`);
    const caption = element('span', {className: 'caption'});
    const pane = element('div', {className: 'pane'}, canvas, caption);
    pane.dataset.view = title;
    canvas.addEventListener('dblclick', () => this.enlarge(pane));
    grid.append(pane);
    return {canvas, caption, pane};
  }

  addPointer(view) {
    const {canvas} = view;
    canvas.addEventListener('wheel', event => {
      event.preventDefault();
      canvas.focus({preventScroll: true});
      // Browsers send a pinch on a touch pad as a turn of the wheel with Ctrl.
      if (event.ctrlKey || event.metaKey) this.zoom(view, event.deltaY > 0 ? -1 : 1, view.pixelAt(event));
      else this.scroll(view, event.deltaY > 0 ? -1 : 1);
      this.readOut(view.placeAt(event, this.place));
    }, {passive: false});
    const go = event => {
      const found = this.scan.clamped(view.placeAt(event, this.place));
      this.go(found);
    };
    const moves = event => event.buttons & 4 || (event.shiftKey && event.buttons & 1);
    canvas.addEventListener('pointerdown', event => {
      if (event.button === 2) return;
      event.preventDefault();
      canvas.focus({preventScroll: true});
      canvas.setPointerCapture(event.pointerId);
      if (!moves(event)) go(event);
    });
    canvas.addEventListener('pointermove', event => {
      if (moves(event)) this.shift(view, event.movementX, event.movementY);
      else if (event.buttons & 1) go(event);
      this.readOut(view.placeAt(event, this.place));
    });
    canvas.addEventListener('pointerleave', () => this.readOut(this.place));
  }

  makeControls() {
    const windows = document.getElementById('window');
    this.facts.windows.forEach(({title}, index) => windows.append(new Option(title, index)));
    windows.onchange = () => this.setWindow(Number(windows.value));
    const outlines = document.getElementById('outlines');
    outlines.onchange = () => this.set({outlines: outlines.checked});
    const opacity = document.getElementById('opacity');
    opacity.oninput = () => this.set({opacity: Number(opacity.value)});
    const regions = document.getElementById('regions');
    this.toggles = this.scan.regions.map((region, index) => {
      const box = element('input', {type: 'checkbox', checked: true});
      box.dataset.region = region.key;
      box.onchange = () => {
        region.shown = box.checked;
        this.drawSoon(true);
      };
      const swatch = element('span', {className: 'swatch'});
      swatch.style.background = `rgb(${region.colour})`;
      regions.append(element('label', {title: `key ${index + 1}`}, box, swatch, region.name));
      return box;
    });
    const help = document.getElementById('help');
    document.getElementById('help-button').onclick = () => help.toggleAttribute('hidden');
  }

  makeFindings() {
    const list = document.getElementById('findings');
    const verdict = document.getElementById('verdict');
    verdict.textContent = this.facts.verdict;
    verdict.className = this.facts.verdict;
    this.buttons = this.facts.findings.map(({kind, text, box}, index) => {
      const button = element('button', {type: 'button', textContent: text, className: kind, disabled: !box});
      button.dataset.finding = index;
      button.onclick = () => this.showFinding(index);
      list.append(element('li', {}, button));
      return button;
    });
    document.getElementById('side').hidden = this.facts.findings.length === 0;
  }

  showFinding(index) {
    const {box} = this.facts.findings[index];
    this.finding = index;
    this.buttons.forEach((button, other) => button.setAttribute('aria-pressed', String(other === index)));
    this.look.box = box;
    this.go(this.scan.clamped(this.facts.findings[index].at));
  }

  nextFinding(step) {
    const placed = this.facts.findings.flatMap(({box}, index) => (box ? [index] : []));
    if (!placed.length) return;
    const at = placed.indexOf(this.finding);
    const next = at < 0 ? (step > 0 ? 0 : placed.length - 1) : (at + step + placed.length) % placed.length;
    this.showFinding(placed[next]);
  }

  setWindow(index) {
    document.getElementById('window').value = index;
    const [black, white] = this.facts.windows[index].limits;
    const [lowest, highest] = this.facts.hu;
    for (let value = 0; value < 256; value++) {
      const hu = lowest + (value / 255) * (highest - lowest);
      this.look.greys[value] = (255 * (hu - black)) / (white - black);
    }
    this.drawSoon();
  }

  set(look) {
    Object.assign(this.look, look);
    this.drawSoon();
  }

  go(place) {
    this.place = place;
    this.drawSoon();
    this.readOut(place);
  }

  scroll(view, steps) {
    const place = [...this.place];
    place[view.through] += steps;
    this.go(this.scan.clamped(place));
  }

  zoom(view, steps, pixel = []) {
    view.enlarge(ZOOM_STEP ** steps, ...pixel);
    this.drawSoon();
  }

  shift(view, right, down) {
    view.shift(right, down);
    this.drawSoon();
  }

  /** The plane that has the focus, the axial one where none has. */
  planeOf(target) {
    return this.planes.find(view => view.canvas === target) ?? this.planes[0];
  }

  rotate(turn, tilt) {
    this.surfaces.turn += turn;
    this.surfaces.tilt = Math.max(-1.5, Math.min(1.5, this.surfaces.tilt + tilt));
    this.drawSoon(true, false);
  }

  enlarge(pane) {
    const grid = document.getElementById('panes');
    const already = pane.classList.contains('large');
    for (const other of grid.children) other.classList.remove('large');
    pane.classList.toggle('large', !already);
    grid.classList.toggle('single', !already);
    this.drawSoon(true);
  }

  readOut(place) {
    const out = document.getElementById('value');
    if (!this.scan.inside(place)) {
      out.textContent = '';
      return;
    }
    const names = this.scan.regionsAt(place).map(region => region.name.toLowerCase());
    out.textContent = `${this.scan.hu(place)} HU${names.length ? `, ${names.join(', ')}` : ''}`;
  }

  drawSoon(surfaces = false, planes = true) {
    this.wanted = {surfaces: surfaces || this.wanted?.surfaces, planes: planes || this.wanted?.planes};
    this.pending ||= requestAnimationFrame(() => {
      this.pending = 0;
      const {surfaces: three, planes: two} = this.wanted;
      this.wanted = null;
      this.draw(three, two);
    });
  }

  draw(surfaces = true, planes = true) {
    if (planes) {
      for (const view of this.planes) {
        view.draw(this.place, this.look);
        view.pane.caption.textContent = view.caption(this.place);
      }
      document.documentElement.dataset.place = this.place;
    }
    if (surfaces) this.surfaces.draw();
    document.documentElement.dataset.drawn = Number(document.documentElement.dataset.drawn ?? 0) + 1;
  }

  press(event) {
    if (isTyped(event)) return;
    if (this.moveByKey(event) || this.actByKey(event)) {
      event.preventDefault();
      return;
    }
    if (this.embedded ? tellParent({type: 'key', key: event.key}) : this.ownRating?.press(event.key)) event.preventDefault();
  }

  /** Arrow keys scroll the plane that has the focus, the axial one by default; they turn the surfaces. */
  moveByKey(event) {
    const steps = {ArrowUp: 1, ArrowDown: -1, PageUp: PAGE_STEP, PageDown: -PAGE_STEP, Home: 1e6, End: -1e6}[event.key];
    const turns = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}[event.key];
    if (event.target === this.surfaces.canvas && turns) {
      this.rotate(turns[0] * TURN_STEP, turns[1] * TURN_STEP);
      return true;
    }
    if (!steps) return false;
    this.scroll(this.planeOf(event.target), steps);
    return true;
  }

  actByKey({key, target}) {
    const number = Number(key);
    if (number >= 1 && number <= this.toggles.length) this.toggles[number - 1].click();
    else if (key === 'o') document.getElementById('outlines').click();
    else if (key === 'w') this.setWindow((Number(document.getElementById('window').value) + 1) % this.facts.windows.length);
    else if (key === '+' || key === '-') this.stepOpacity(key === '+' ? 0.1 : -0.1);
    else if (key === 'z' || key === 'Z') this.zoom(this.planeOf(target), key === 'z' ? 1 : -1);
    else if (key === '0') this.planes.forEach(view => this.zoom(view, -99));
    else if (key === 'f' || key === 'F') this.nextFinding(key === 'f' ? 1 : -1);
    else if (key === 'm') this.enlarge(target.closest('.pane') ?? this.planes[0].pane.pane);
    else if (key === '?') document.getElementById('help').toggleAttribute('hidden');
    else return false;
    return true;
  }

  stepOpacity(step) {
    const slider = document.getElementById('opacity');
    slider.value = Math.max(0, Math.min(1, Number(slider.value) + step));
    this.set({opacity: Number(slider.value)});
  }
}

/** Tell the page that holds this one in a frame; it may be of any origin, and nothing told is secret. */
function tellParent(message) {
  parent.postMessage({lungsegmentation: 'viewer', ...message}, '*');
  return false;
}

let viewerOfThisPage = null;
document.documentElement.classList.add('scripted');

async function openViewer() {
  const root = document.documentElement;
  try {
    const facts = JSON.parse(document.getElementById('facts').textContent);
    const scan = await Scan.read(facts);
    const viewer = new Viewer(scan);
    viewerOfThisPage = viewer;
    viewer.embedded = parent !== window;
    if (!viewer.embedded) viewer.ownRating = addOwnRating(facts.labels);
    viewer.draw();
    viewer.readOut(viewer.place);
    root.dataset.ready = 'yes';
    if (viewer.embedded) tellParent({type: 'ready', labels: facts.labels});
  } catch (error) {
    document.getElementById('value').textContent = `This browser cannot show the scan (${error.message}); report.html has pictures of it.`;
    root.dataset.ready = 'failed';
    if (parent !== window) tellParent({type: 'failed'});
  }
}

openViewer();
