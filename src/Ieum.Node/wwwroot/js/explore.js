// The history explorer under a person's hands: drag, wheel, pinch and keys move a window of time over the store's tiles. The window and
// what is shown stand in the address; the page behind is told only when the hand rests.
window.ieumExplore = (() => {
  'use strict';
  const { Store, TILE, M, D, S } = window.ieumExploreData, draw = window.ieumExploreDraw;
  const SHORTEST = 20, LONGEST = 60 * 365.25 * D, MOST = 12;
  let open = null;

  const iso = t => new Date(t).toISOString().replace('.000Z', 'Z');
  const parse = text => { const t = Date.parse(text ?? ''); return Number.isFinite(t) && t > 0 && t < 253402300799999 ? t : null; };

  class View {
    constructor(place) {
      this.place = place;
      this.texts = JSON.parse(place.dataset.texts);
      this.language = place.dataset.language;
      this.canvas = place.querySelector('canvas');
      this.told = place.querySelector('[data-told]');
      this.stop = new AbortController();
      this.store = new Store(() => this.paint());
      this.store.now = Number(place.dataset.now);
      this.hover = null;
      this.steps = [];
      this.read();
      this.listen();
      this.size = new ResizeObserver(() => this.paint());
      this.size.observe(place);
      this.beat = setInterval(() => { if (this.state.live || this.store.flight === null) this.tick(); }, 1000);
      this.paint();
      place.dataset.live = '1';
    }

    close() { this.stop.abort(); this.size.disconnect(); clearInterval(this.beat); this.closed = true; }

    get known() { return new Map([...this.place.querySelectorAll('[data-signal]')].map(b => [Number(b.dataset.signal), b])); }

    /// Takes the address in: signals, window, live or not.
    read() {
      const q = new URLSearchParams(location.search), now = this.store.now;
      const from = parse(q.get('from')), to = parse(q.get('to'));
      const span = Math.min(LONGEST, Math.max(SHORTEST, (Number(q.get('span')) || 8 * 3600) * S));
      const wanted = (q.get('s') ?? '').split(',').map(Number).filter(n => n > 0);
      this.address = location.search;
      this.state = {
        language: this.language, texts: this.texts, together: q.get('by') === 'unit', machine: q.get('m'),
        live: !(from !== null && to !== null && to - from >= SHORTEST),
        view: from !== null && to !== null && to - from >= SHORTEST ? { from, to } : { from: now - span, to: now },
        numbers: wanted.length ? wanted : JSON.parse(this.place.dataset.first),
      };
      this.names();
      this.began('open');
    }

    /// What is known of the chosen signals stands in the list beside the picture.
    names() {
      const known = this.known;
      this.state.signals = this.state.numbers.filter(n => known.has(n)).slice(0, MOST).map(n => { const d = known.get(n).dataset; return { n, unit: d.unit, machine: d.of, label: `${d.name} · ${d.label}` }; });
      const machines = new Map(this.state.signals.map(s => [s.machine, known.get(s.n).dataset.name]));
      this.state.machines = [...machines].map(([id, name]) => ({ id, name }));
      known.forEach((box, n) => { box.checked = this.state.numbers.includes(n); });
    }

    /// The address of what is shown; live ones name the length only and open at their own now.
    link(fixed) {
      const { numbers, view, live, together, machine } = this.state, q = new URLSearchParams();
      if (numbers.length) q.set('s', numbers.join(','));
      if (live && !fixed) q.set('span', String(Math.round((view.to - view.from) / S)));
      else { q.set('from', iso(Math.round(view.from))); q.set('to', iso(Math.round(view.to))); }
      if (together) q.set('by', 'unit');
      if (machine) q.set('m', machine);
      return `/explore?${q.toString().replaceAll('%2C', ',').replaceAll('%3A', ':')}`;
    }

    keep() {
      clearTimeout(this.keeping);
      this.keeping = setTimeout(() => {
        const link = this.link();
        if (this.closed || link === location.pathname + location.search) return;
        this.address = link.slice(link.indexOf('?'));
        Blazor.navigateTo(link, { replaceHistoryEntry: true });
      }, 400);
    }

    began(kind) { this.pending = { kind, at: performance.now() }; }

    /// Moves to another window. Every change of the picture comes through here.
    go(from, to, kind, live = false) {
      const span = Math.min(LONGEST, Math.max(SHORTEST, to - from)), middle = (from + to) / 2;
      this.began(kind);
      this.state.view = to - from === span ? { from, to } : { from: middle - span / 2, to: middle + span / 2 };
      if (this.state.view.from < 0) this.state.view = { from: 0, to: span };
      this.state.live = live;
      this.keep();
      this.paint();
    }
    zoom(factor, at) {
      const { from, to } = this.state.view, span = to - from;
      if (this.state.live && factor && at === undefined) return this.go(to - span * factor, to, 'zoom', true);
      const anchor = at ?? (from + to) / 2;
      this.go(anchor - (anchor - from) * factor, anchor + (to - anchor) * factor, 'zoom');
    }
    pan(part) { const { from, to } = this.state.view, by = (to - from) * part; this.go(from + by, to + by, 'pan'); }
    now(span) { const length = span ?? this.state.view.to - this.state.view.from; this.go(this.store.now - length, this.store.now, 'now', true); }
    async all() {
      const extent = await this.store.extent(this.state.signals.map(s => s.n)).catch(() => null);
      if (extent && !this.closed) this.go(extent.from, Math.max(extent.to, extent.from + M), 'all');
    }

    tick() {
      if (this.state.live) { const span = this.state.view.to - this.state.view.from; this.state.view = { from: this.store.now - span, to: this.store.now }; }
      this.paint();
    }

    paint() {
      if (this.queued || this.closed) return;
      this.queued = requestAnimationFrame(() => { this.queued = 0; this.paintNow(); });
    }

    paintNow() {
      const width = Math.floor(this.place.clientWidth);
      if (!width || this.closed) return;
      const { state, store } = this, ratio = devicePixelRatio || 1;
      state.step = store.stepFor(state.view, width, state.signals.map(s => s.n));
      const settled = store.want(state.view, state.step, state.signals.map(s => s.n), state.live);
      const { height } = draw.measure(state, width);
      if (this.canvas.width !== Math.round(width * ratio) || this.canvas.height !== Math.round(height * ratio)) {
        Object.assign(this.canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
        this.canvas.style.height = `${height}px`;
      }
      const g = this.canvas.getContext('2d');
      g.setTransform(ratio, 0, 0, ratio, 0, 0);
      this.shown = draw.paint(g, width, state, store, this.hover, getComputedStyle(document.body).fontFamily);
      this.account(settled);
      this.place.querySelectorAll('[data-explore=live]').forEach(b => b.setAttribute('aria-pressed', String(state.live)));
      this.place.querySelectorAll('[data-explore=together]').forEach(b => b.setAttribute('aria-pressed', String(state.together)));
      this.say();
    }

    /// How long a step took until its signals were drawn in full, and until states were there too.
    account(settled) {
      const step = this.pending;
      if (!step || !settled || !this.shown.complete) return;
      const ms = performance.now() - step.at;
      if (step.done === undefined) {
        step.done = { kind: step.kind, ms, points: this.shown.drawn, step: this.state.step, span: this.state.view.to - this.state.view.from };
        this.steps.push(step.done);
        if (this.steps.length > 1000) this.steps.shift();
        this.place.dataset.settled = String(Number(this.place.dataset.settled ?? 0) + 1);
      }
      if (this.shown.whole) { step.done.wholeMs = ms; this.pending = null; }
    }

    /// The same in words, for whoever cannot see the picture or wants to read the figures.
    say() {
      const { view } = this.state, s = (view.to - view.from) / 1000, marks = this.under();
      const words = [`${draw.stamp(this.language, view.from, s)} – ${draw.stamp(this.language, view.to, s)}`, ...(this.store.failed ? [this.texts.failed] : []), ...(this.hover === null ? [] : marks)];
      const text = words.join(' · ');
      if (this.told.textContent !== text) this.told.textContent = text;
      const label = `${this.texts.picture}: ${[words[0], ...this.shown?.readings ?? []].join('; ')}`;
      if (this.canvas.getAttribute('aria-label') !== label) this.canvas.setAttribute('aria-label', label);
      const raw = this.place.querySelector('[data-explore=raw]');
      raw?.setAttribute('href', `/api/v1/history/export.csv?signals=${this.state.signals.map(x => x.n).join(',')}&from=${iso(Math.round(view.from))}&to=${iso(Math.round(view.to))}`);
    }

    /// What lies under the cursor on ribbons and marks.
    under() {
      if (this.hover === null) return [];
      const t = this.hover, near = (this.state.view.to - this.state.view.from) / 200, words = [];
      for (const m of this.state.machines) {
        const states = this.store.states.get(m.id)?.answer, marks = this.store.marks.get(m.id)?.answer, told = [];
        const span = states?.spans.find(s => s[0] <= t && s[1] > t);
        if (span) told.push(this.texts.states[span[2]] + (span[4] ? ` (${span[4]})` : ''));
        const share = states?.shares.find(s => s[0] <= t && s[1] > t);
        if (share) told.push(share.slice(2).map((p, k) => [p, Object.values(this.texts.states)[k]]).filter(p => p[0] >= .005).sort((a, b) => b[0] - a[0]).map(p => `${p[1]} ${Math.round(p[0] * 100)} %`).join(', '));
        for (const gap of marks?.gaps ?? []) if (gap[0] - near <= t && gap[1] + near >= t) told.push(this.texts.gap);
        for (const stop of marks?.stops ?? []) if (stop[0] - near / 2 <= t && stop[1] + near / 2 >= t) told.push(`${this.texts.stop}: ${this.texts.reasons[stop[2]] ?? (stop[2] || this.texts.unexplained)}`);
        for (const alarm of marks?.alarms ?? []) if (alarm[0] - near / 2 <= t && alarm[1] + near / 2 >= t) told.push(`${this.texts.alarm}: ${alarm[3]}`);
        for (const f of marks?.findings ?? []) if (Math.abs(f[0] - t) <= near) told.push(`${this.texts.finding} #${f[2]}`);
        if (told.length) words.push(`${m.name}: ${[...new Set(told)].join(', ')}`);
      }
      return words;
    }

    timeAt(clientX) {
      const box = this.canvas.getBoundingClientRect(), { left, plot } = this.shown ?? { left: 0, plot: box.width };
      return this.state.view.from + (clientX - box.left - left) / plot * (this.state.view.to - this.state.view.from);
    }

    listen() {
      const on = { signal: this.stop.signal }, c = this.canvas, down = new Map();
      let moved = 0, choosing = null;
      c.addEventListener('pointerdown', e => {
        if (e.pointerType === 'mouse' && e.button !== 0) return;
        down.set(e.pointerId, e.clientX);
        c.setPointerCapture(e.pointerId);
        moved = 0;
        choosing = e.shiftKey ? this.timeAt(e.clientX) : null;
      }, on);
      c.addEventListener('pointermove', e => {
        this.hover = this.timeAt(e.clientX);
        if (!down.has(e.pointerId) || choosing !== null) return this.paint();
        const before = new Map(down), { view } = this.state, scale = (view.to - view.from) / (this.shown?.plot || 1);
        down.set(e.pointerId, e.clientX);
        if (down.size === 1) {
          const by = (before.get(e.pointerId) - e.clientX) * scale;
          moved += Math.abs(before.get(e.pointerId) - e.clientX);
          if (moved > 3) this.go(view.from + by, view.to + by, 'drag');
        } else if (down.size === 2) {
          const [a, b] = [...before.values()], [p, q] = [...down.values()];
          if (Math.abs(p - q) < 8) return;
          const factor = Math.abs(a - b) / Math.abs(p - q), anchor = this.timeAt((p + q) / 2) + ((a + b) / 2 - (p + q) / 2) * scale;
          this.go(anchor - (anchor - view.from) * factor, anchor + (view.to - anchor) * factor, 'pinch');
        }
      }, on);
      const up = e => {
        if (choosing !== null && down.has(e.pointerId) && e.type === 'pointerup') {
          const to = this.timeAt(e.clientX);
          if (Math.abs(to - choosing) > (this.state.view.to - this.state.view.from) / 100) this.go(Math.min(choosing, to), Math.max(choosing, to), 'zoom');
        }
        choosing = null;
        down.delete(e.pointerId);
      };
      c.addEventListener('pointerup', up, on);
      c.addEventListener('pointercancel', up, on);
      c.addEventListener('pointerleave', () => { this.hover = null; this.paint(); }, on);
      c.addEventListener('dblclick', e => this.zoom(.5, this.timeAt(e.clientX)), on);
      c.addEventListener('wheel', e => {
        if (Math.abs(e.deltaX) > Math.abs(e.deltaY)) { e.preventDefault(); return this.pan(e.deltaX / 1200); }
        // The wheel scrolls the page until the picture is chosen by a click or the Ctrl key.
        if (!e.ctrlKey && document.activeElement !== c) return;
        e.preventDefault();
        this.zoom(Math.exp(Math.max(-1, Math.min(1, e.deltaY / 400))), this.timeAt(e.clientX));
      }, { passive: false, ...on });
      c.addEventListener('keydown', e => {
        const move = { ArrowLeft: () => this.pan(-.2), ArrowRight: () => this.pan(.2), PageUp: () => this.pan(-1), PageDown: () => this.pan(1), '+': () => this.zoom(.5), '=': () => this.zoom(.5), '-': () => this.zoom(2), _: () => this.zoom(2), Home: () => this.all(), End: () => this.now() }[e.key];
        if (!move || e.ctrlKey || e.altKey || e.metaKey) return;
        e.preventDefault();
        move();
      }, on);
      this.place.addEventListener('click', e => {
        const button = e.target.closest('[data-explore]');
        if (!button || button.tagName === 'A' && button.dataset.explore === 'raw') return;
        ({
          'zoom-in': () => this.zoom(.5), 'zoom-out': () => this.zoom(2), earlier: () => this.pan(-.5), later: () => this.pan(.5), all: () => this.all(), now: () => this.now(),
          live: () => this.state.live ? this.go(this.state.view.from, this.state.view.to, 'live') : this.now(), span: () => this.span(Number(button.dataset.span) * S),
          together: () => { this.state.together = !this.state.together; this.keep(); this.paint(); }, picture: () => this.picture(), csv: () => this.csv(), link: () => this.copy(button), machine: () => { this.state.machine = button.dataset.machine; this.keep(); },
        })[button.dataset.explore]?.();
      }, on);
      this.place.addEventListener('change', e => {
        const box = e.target.closest('[data-signal]'), day = e.target.closest('[data-explore-day]');
        if (box) this.choose(Number(box.dataset.signal), box.checked);
        else if (day?.value) { const at = parse(`${day.value}:00+09:00`), span = this.state.view.to - this.state.view.from; if (at !== null) this.go(at - span / 2, at + span / 2, 'jump'); }
      }, on);
      this.place.addEventListener('input', e => {
        const find = e.target.closest('[data-explore-find]');
        if (find) this.place.querySelectorAll('[data-signal]').forEach(b => { b.closest('label').hidden = !`${b.dataset.name} ${b.dataset.label} ${b.dataset.unit}`.toLowerCase().includes(find.value.trim().toLowerCase()); });
      }, on);
      document.addEventListener('ieum:theme', () => this.paint(), on);
    }

    span(length) { const { to, from } = this.state.view; if (this.state.live) this.now(length); else this.go((from + to - length) / 2, (from + to + length) / 2, 'span'); }
    choose(n, wanted) {
      this.state.numbers = wanted ? [...new Set([...this.state.numbers, n])].slice(-MOST) : this.state.numbers.filter(x => x !== n);
      this.names();
      this.began('choose');
      this.keep();
      this.paint();
    }

    save(blob, name) {
      const a = Object.assign(document.createElement('a'), { href: URL.createObjectURL(blob), download: name });
      a.click();
      setTimeout(() => URL.revokeObjectURL(a.href), 10_000);
    }
    get file() { return `ieum-${iso(Math.round(this.state.view.from)).slice(0, 16).replaceAll(':', '')}`; }

    /// The picture with its period and company written over it.
    picture() {
      const from = this.canvas, ratio = devicePixelRatio || 1, head = 34 * ratio;
      const whole = Object.assign(document.createElement('canvas'), { width: from.width, height: from.height + head }), g = whole.getContext('2d');
      g.fillStyle = getComputedStyle(this.canvas.parentElement).backgroundColor;
      g.fillRect(0, 0, whole.width, whole.height);
      g.drawImage(from, 0, head);
      g.fillStyle = getComputedStyle(document.body).color;
      g.font = `${13 * ratio}px ${getComputedStyle(document.body).fontFamily}`;
      const s = (this.state.view.to - this.state.view.from) / 1000;
      g.fillText(`${this.place.dataset.company} · ${draw.stamp(this.language, this.state.view.from, s)} – ${draw.stamp(this.language, this.state.view.to, s)} (UTC+9)`, 8 * ratio, 22 * ratio, whole.width - 16 * ratio);
      whole.toBlob(b => this.save(b, `${this.file}.png`));
    }

    /// What is drawn as a table: a row per step and signal.
    csv() {
      const { view, step, signals } = this.state, cell = v => /[",\r\n]/.test(v) || /^[=+\-@\t]/.test(v) ? `"${(/^[=+\-@\t]/.test(v) ? "'" : '') + v.replaceAll('"', '""')}"` : v;
      const rows = ['time,seconds,machine,signal,unit,mean,lowest,highest,last,samples,without_value'];
      for (const s of signals)
        for (const { t, tile } of this.store.visible(s.n, view, step))
          for (let k = 0; tile && k < tile.i.length; k++) {
            const at = (t * TILE + tile.i[k]) * step;
            if (at + step > view.from && at < view.to) rows.push([iso(at), step / 1000, cell(s.machine), cell(this.known.get(s.n).dataset.label), cell(s.unit), tile.a[k] ?? '', tile.lo[k] ?? '', tile.hi[k] ?? '', tile.l[k] ?? '', tile.c[k], tile.b[k]].join(','));
          }
      this.save(new Blob(['\ufeff', rows.join('\r\n'), '\r\n'], { type: 'text/csv;charset=utf-8' }), `${this.file}.csv`);
    }

    async copy(button) {
      const link = new URL(this.link(true), location.href).href, said = button.textContent;
      try { await navigator.clipboard.writeText(link); }
      catch { prompt(this.texts.link, link); return; }   // a page by plain http has no clipboard
      button.textContent = this.texts.copied;
      setTimeout(() => { button.textContent = said; }, 2000);
    }
  }

  return {
    open(place) { open?.close(); open = new View(place); },
    /// The page was painted anew: another address, or other signals in the list.
    sync() {
      if (!open) return;
      if (location.pathname === '/explore' && location.search !== open.address && location.search !== open.link().slice(8)) open.read();
      open.names();
      open.paint();
    },
    close() { open?.close(); open = null; },
    get steps() { return open?.steps ?? []; },
    get view() { return open; },
  };
})();
