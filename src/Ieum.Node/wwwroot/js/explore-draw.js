// Paints the history explorer: one lane per signal (or per unit), gaps hatched, bad quality marked, then states and marks per machine.
window.ieumExploreDraw = (() => {
  'use strict';
  const { TILE, S, M, H, D } = window.ieumExploreData;
  const ZONE = 9 * H;   // Korea and Japan, without summer time
  const RIBBON = 20, MARKS = 12, AXIS = 24, GAP = 10;
  const TICKS = [1, 2, 5, 10, 20, 50, 100, 200, 500, S, 2 * S, 5 * S, 10 * S, 30 * S, M, 2 * M, 5 * M, 10 * M, 30 * M, H, 2 * H, 3 * H, 6 * H, 12 * H, D, 2 * D, 7 * D];
  const DASHES = [[], [7, 4], [2, 3], [10, 3, 2, 3], [1, 5]];
  const STATES = ['running', 'idle', 'setup', 'waiting', 'fault', 'offline', 'unknown'];
  let colors = null, colorsOf = '';

  // light-dark() is resolved by the browser only on a real property.
  const palette = () => {
    const theme = document.documentElement.dataset.theme ?? String(matchMedia('(prefers-color-scheme: dark)').matches);
    if (colors && colorsOf === theme) return colors;
    const probe = document.body.appendChild(document.createElement('i'));
    const read = name => { probe.style.color = `var(${name})`; return getComputedStyle(probe).color; };
    colors = Object.fromEntries(['text', 'muted', 'line', 'line-strong', 'surface', 'raised', 'act', 'running-fill', 'idle-fill', 'setup-fill', 'waiting-fill', 'fault-fill', 'pattern-back', 'pattern-ink', 'fault-ink', 'waiting-ink'].map(n => [n, read(`--${n}`)]));
    probe.remove();
    colorsOf = theme;
    colors.hatch = pattern(colors, g => { g.moveTo(-1, 7); g.lineTo(7, -1); g.moveTo(3, 11); g.lineTo(11, 3); });
    colors.dots = pattern(colors, g => g.rect(3, 3, 1.6, 1.6));
    colors.clear = pattern({ ...colors, 'pattern-back': 'transparent' }, g => { g.moveTo(-1, 7); g.lineTo(7, -1); g.moveTo(3, 11); g.lineTo(11, 3); });
    return colors;
  };
  const pattern = (c, path) => {
    const cell = Object.assign(document.createElement('canvas'), { width: 8, height: 8 }), g = cell.getContext('2d');
    g.fillStyle = c['pattern-back'];
    g.fillRect(0, 0, 8, 8);
    g.strokeStyle = c['pattern-ink'];
    g.lineWidth = 1.4;
    g.beginPath();
    path(g);
    g.stroke();
    return g.createPattern(cell, 'repeat');
  };

  const formats = new Map();
  const format = (language, options) => {
    const key = language + JSON.stringify(options);
    if (!formats.has(key)) formats.set(key, 'hour' in options || 'month' in options || 'year' in options ? new Intl.DateTimeFormat(language, { timeZone: 'Asia/Seoul', hour12: false, ...options }) : new Intl.NumberFormat(language, options));
    return formats.get(key);
  };
  const number = (language, v) => v == null || !Number.isFinite(v) ? '–' : format(language, { maximumSignificantDigits: Math.abs(v) >= 1e5 ? 7 : 5 }).format(v);
  const stamp = (language, t, step) => format(language, { year: 'numeric', month: 'short', day: 'numeric', ...(step < D ? { hour: '2-digit', minute: '2-digit' } : {}), ...(step < M ? { second: '2-digit' } : {}), ...(step < S ? { fractionalSecondDigits: 3 } : {}) }).format(t);

  /// Instants of the time axis, on whole local hours, days, months or years.
  const timeTicks = (view, width) => {
    const least = (view.to - view.from) / Math.max(2, width / 110), ticks = [];
    const step = TICKS.find(s => s >= least);
    if (step) for (let t = Math.ceil((view.from + ZONE) / step) * step - ZONE; t < view.to; t += step) ticks.push(t);
    else {
      const months = [1, 3, 6, 12, 24, 60, 120].find(m => m * 30.4 * D >= least) ?? 240;
      const begin = new Date(view.from + ZONE);
      for (let k = Math.floor((begin.getUTCFullYear() * 12 + begin.getUTCMonth()) / months) * months; ; k += months) {
        const t = Date.UTC(Math.floor(k / 12), k % 12) - ZONE;
        if (t >= view.to) break;
        if (t >= view.from) ticks.push(t);
      }
    }
    return { ticks, step: step ?? 31 * D };
  };
  const tickWord = (language, t, step) => {
    const local = t + ZONE, midnight = local % D === 0;
    if (step > 7 * D) return format(language, new Date(local).getUTCMonth() === 0 ? { year: 'numeric' } : { year: 'numeric', month: 'short' }).format(t);
    if (midnight) return format(language, { month: 'short', day: 'numeric' }).format(t);
    return format(language, { hour: '2-digit', minute: '2-digit', ...(step < M ? { second: '2-digit' } : {}), ...(step < S ? { fractionalSecondDigits: 3 } : {}) }).format(t);
  };
  /// Bounds and ticks of a value axis: round numbers, about four.
  const valueTicks = (low, high) => {
    if (!(high > low)) { const pad = Math.max(Math.abs(low) * .1, .5); low -= pad; high += pad; }
    const raw = (high - low) / 3, power = 10 ** Math.floor(Math.log10(raw)), step = [1, 2, 2.5, 5, 10].map(k => k * power).find(s => s >= raw);
    const from = Math.floor(low / step) * step, to = Math.ceil(high / step) * step, ticks = [];
    for (let v = from; v <= to + step / 2; v += step) ticks.push(Math.abs(v) < step / 1e6 ? 0 : v);
    return { from, to, ticks };
  };

  /// The points of a signal in the window, in order, with a point before and after so that lines reach the edges.
  const points = (store, n, view, step) => {
    const list = [];
    let complete = true;
    for (const { t, tile: own } of store.visible(n, { from: view.from - step * TILE, to: view.to + step * TILE }, step)) {
      const begin = t * step * TILE, end = begin + step * TILE, inView = end > view.from && begin < view.to;
      if (own) for (let k = 0; k < own.i.length; k++) list.push({ t: begin + own.i[k] * step, w: step, a: own.a[k], lo: own.lo[k], hi: own.hi[k], l: own.l[k], c: own.c[k], b: own.b[k] });
      else if (inView) {
        complete = false;
        const other = store.standIn(n, Math.max(begin, view.from), Math.min(end, view.to), step);
        if (!other) continue;
        const base = Math.floor(Math.max(begin, view.from) / (other.step * TILE)) * other.step * TILE;
        for (let k = 0; k < other.tile.i.length; k++) {
          const at = base + other.tile.i[k] * other.step;
          if (at + other.step > begin && at < end && at > (list.at(-1)?.t ?? -Infinity)) list.push({ t: at, w: other.step, a: other.tile.a[k], lo: other.tile.lo[k], hi: other.tile.hi[k], l: other.tile.l[k], c: other.tile.c[k], b: other.tile.b[k] });
        }
      }
    }
    return { list, complete };
  };

  const overlaps = (gaps, from, to) => gaps.some(g => g[0] < to && g[1] > from);

  /// One signal in its lane: band from lowest to highest, line of means; where samples are rarer than steps, each value stands until the next.
  const series = (g, c, list, gaps, x, y, dash, floor, band) => {
    if (band) {
      g.fillStyle = c.text;
      g.globalAlpha = .18;
      g.beginPath();
      for (const p of list) if (p.c) { const w = Math.max(1, x(p.t + p.w) - x(p.t)); const top = y(p.hi), h = y(p.lo) - top; if (h > 1) g.rect(x(p.t), top, w, h); }
      g.fill();
      g.globalAlpha = 1;
    }
    g.strokeStyle = c.text;
    g.lineWidth = 1.5;
    g.setLineDash(dash);
    g.beginPath();
    let before = null;
    for (const p of list) {
      if (!p.c) { if (p.b) before = null; continue; }
      const px = x(p.t + p.w / 2), py = y(p.a);
      if (!before || overlaps(gaps, before.t + before.w, p.t)) g.moveTo(px, py);
      else if (p.t - before.t > before.w * 1.5) { g.lineTo(px, y(before.l)); g.lineTo(px, py); }
      else g.lineTo(px, py);
      before = p;
    }
    g.stroke();
    g.setLineDash([]);
    // Samples of their own are shown where they lie far apart, so that a held value is not taken for a measured one.
    const sparse = list.filter(p => p.c).length;
    if (sparse && sparse < 150) { g.fillStyle = c.text; for (const p of list) if (p.c === 1) { g.beginPath(); g.arc(x(p.t + p.w / 2), y(p.a), 2, 0, 7); g.fill(); } }
    g.fillStyle = c['waiting-fill'];
    for (const p of list) if (p.b) g.fillRect(x(p.t), floor - 5, Math.max(2, x(p.t + p.w) - x(p.t)), 5);
  };

  const lanesOf = state => {
    if (!state.together) return state.signals.map(s => ({ unit: s.unit, signals: [s] }));
    const lanes = [];
    for (const s of state.signals) (lanes.find(l => l.unit === s.unit && l.signals.length < DASHES.length) ?? lanes[lanes.push({ unit: s.unit, signals: [] }) - 1]).signals.push(s);
    return lanes;
  };

  /// Height of the whole picture for a width.
  const measure = (state, width) => {
    const lanes = lanesOf(state), lane = width < 560 ? 120 : lanes.length > 4 ? 120 : lanes.length > 2 ? 150 : 210;
    return { lanes, lane, height: AXIS + lanes.length * (lane + GAP) + state.machines.length * (18 + RIBBON + MARKS + 6) + 6 };
  };

  function paint(g, width, state, store, hover, font) {
    const c = palette(), { lanes, lane, height } = measure(state, width), { view, step, language } = state;
    const left = width < 560 ? 46 : 66, right = 8, plot = width - left - right;
    const x = t => left + (t - view.from) / (view.to - view.from) * plot;
    const marks = new Map(state.machines.map(m => [m.id, store.around('marks', m.id, view, state.live)]));
    let complete = true, whole = true, drawn = 0;
    g.clearRect(0, 0, width, height);
    g.fillStyle = c.surface;
    g.fillRect(0, 0, width, height);
    g.font = `12px ${font}`;
    g.textBaseline = 'middle';
    const axis = timeTicks(view, plot);
    const bottom = AXIS + lanes.length * (lane + GAP) - GAP;
    g.fillStyle = c.muted;
    g.textAlign = 'center';
    for (const t of axis.ticks) { if (x(t) > left + 14 && x(t) < width - 26) g.fillText(tickWord(language, t, axis.step), x(t), AXIS / 2); g.fillStyle = c.line; g.fillRect(Math.round(x(t)), AXIS, 1, bottom - AXIS); g.fillStyle = c.muted; }
    const readings = [];
    lanes.forEach((one, index) => {
      const top = AXIS + index * (lane + GAP), floor = top + lane;
      const found = one.signals.map(s => ({ s, ...points(store, s.n, view, step) }));
      let low = Infinity, high = -Infinity;
      for (const f of found) {
        complete &&= f.complete;
        for (const p of f.list) if (p.c && p.t + p.w > view.from && p.t < view.to) { low = Math.min(low, p.lo); high = Math.max(high, p.hi); drawn += p.c; }
      }
      const scale = low <= high ? valueTicks(low, high) : null;
      const y = v => floor - 6 - (v - scale.from) / (scale.to - scale.from) * (lane - 28);
      g.save();
      g.beginPath();
      g.rect(left, top, plot, lane);
      g.clip();
      for (const m of new Set(one.signals.map(s => s.machine)))
        for (const gap of marks.get(m)?.gaps ?? []) { g.fillStyle = c.clear; g.fillRect(x(gap[0]), top, Math.max(1, x(gap[1]) - x(gap[0])), lane); }
      if (scale) {
        g.fillStyle = c.line;
        for (const v of scale.ticks) g.fillRect(left, Math.round(y(v)), plot, 1);
        found.forEach((f, k) => series(g, c, f.list, marks.get(f.s.machine)?.gaps ?? [], x, y, DASHES[k], floor, one.signals.length === 1));
      }
      g.restore();
      g.textAlign = 'right';
      g.fillStyle = c.muted;
      if (scale) for (const v of scale.ticks) g.fillText(number(language, v), left - 6, Math.max(top + 6, y(v)));
      g.strokeStyle = c.line;
      g.strokeRect(left + .5, top + .5, plot - 1, lane - 1);
      // Names of the lane, and what the cursor points at.
      g.textAlign = 'left';
      let nx = left + 8;
      found.forEach((f, k) => {
        const at = hover === null ? null : f.list.findLast(p => p.t <= hover && p.c);
        const held = at && !overlaps(marks.get(f.s.machine)?.gaps ?? [], at.t + at.w, hover) ? at : null;
        const value = hover === null ? '' : held ? `  ${number(language, held.c > 1 ? held.a : held.l)}${held.c > 1 && held.lo < held.hi ? ` (${number(language, held.lo)} … ${number(language, held.hi)})` : ''}` : '  –';
        const word = `${f.s.label}${f.s.unit ? ` [${f.s.unit}]` : ''}${value}`;
        readings.push(word);
        g.font = `600 12px ${font}`;
        const w = g.measureText(word).width + (found.length > 1 ? 30 : 6);
        g.fillStyle = c.surface;
        g.globalAlpha = .85;
        g.fillRect(nx - 3, top + 3, w, 17);
        g.globalAlpha = 1;
        if (found.length > 1) { g.strokeStyle = c.text; g.lineWidth = 1.5; g.setLineDash(DASHES[k]); g.beginPath(); g.moveTo(nx, top + 12); g.lineTo(nx + 22, top + 12); g.stroke(); g.setLineDash([]); g.lineWidth = 1; }
        g.fillStyle = c.text;
        g.fillText(word, nx + (found.length > 1 ? 26 : 0), top + 12, plot - (nx - left) - 10);
        nx += w + 12;
        g.font = `12px ${font}`;
      });
      if (!scale && found.every(f => f.complete)) { g.fillStyle = c.muted; g.textAlign = 'center'; g.fillText(state.texts.nothing, left + plot / 2, top + lane / 2, plot - 16); }
    });
    let top = bottom + GAP;
    for (const m of state.machines) {
      const states = store.around('states', m.id, view, state.live);
      g.textAlign = 'left';
      g.fillStyle = c.muted;
      g.fillText(m.name, left, top + 9, plot);
      ribbon(g, c, states, marks.get(m.id), x, view, left, top + 18, plot);
      whole &&= !!states && !states.pending && store.covers('states', m.id, view);
      top += 18 + RIBBON + MARKS + 6;
    }
    if (hover !== null && hover >= view.from && hover <= view.to) {
      g.fillStyle = c.act;
      g.fillRect(Math.round(x(hover)), AXIS, 1, height - AXIS - 6);
      const word = stamp(language, hover, (view.to - view.from) / plot), w = g.measureText(word).width + 12, at = Math.min(width - right - w, Math.max(left, x(hover) - w / 2));
      g.fillStyle = c.surface;
      g.fillRect(at, 2, w, AXIS - 4);
      g.textAlign = 'left';
      g.fillStyle = c.act;
      g.fillText(word, at + 6, AXIS / 2);
    }
    return { complete, whole: complete && whole, drawn, readings, left, plot, height };
  }

  function ribbon(g, c, states, marks, x, view, left, top, plot) {
    const fill = name => name === 'offline' ? c.hatch : name === 'unknown' ? c.dots : c[`${name}-fill`];
    g.save();
    g.beginPath();
    g.rect(left, top, plot, RIBBON + MARKS);
    g.clip();
    g.fillStyle = c.dots;
    g.fillRect(left, top, plot, RIBBON);
    for (const [from, to, name, alarm] of states?.spans ?? []) {
      if (to < view.from || from > view.to) continue;
      const w = Math.max(.6, x(to) - x(from));
      g.fillStyle = fill(name);
      g.fillRect(x(from), top, w, RIBBON);
      if (alarm) { g.fillStyle = c['fault-fill']; g.fillRect(x(from), top, w, RIBBON / 4); }
    }
    for (const [from, to, ...parts] of states?.shares ?? []) {
      if (to < view.from || from > view.to) continue;
      let y = top + RIBBON;
      parts.forEach((p, k) => { if (p > 0) { const h = p * RIBBON; y -= h; g.fillStyle = fill(STATES[k]); g.fillRect(x(from), y, Math.max(.6, x(to) - x(from)), h); } });
    }
    const line = top + RIBBON + 2;
    for (const [from, to] of marks?.stops ?? []) { g.fillStyle = c['waiting-fill']; g.fillRect(x(from), line, Math.max(2, x(to) - x(from)), 3); }
    for (const [from, to, level] of marks?.alarms ?? []) { g.fillStyle = c[level === 'fault' ? 'fault-fill' : 'waiting-fill']; g.fillRect(x(from), line + 5, Math.max(2, x(to) - x(from)), 3); }
    g.fillStyle = c.act;
    for (const [at] of marks?.findings ?? []) { const px = x(at), py = line + 4; g.beginPath(); g.moveTo(px, py - 5); g.lineTo(px + 5, py); g.lineTo(px, py + 5); g.lineTo(px - 5, py); g.fill(); }
    g.restore();
  }

  return { paint, measure, stamp, number };
})();
