// Paints a plan: one routine, two grounds (a canvas for the screen, SVG for paper), so that what is printed is what was seen.
window.ieumGanttPaint = (() => {
  'use strict';
  const S = window.ieumGanttSheet, { MIN, HOUR, DAY, ZONE } = S;
  const AXIS = 44, BAR = 12.5;
  const TOKENS = { surface: 'surface', raised: 'raised', text: 'text', muted: 'muted', line: 'line', strong: 'line-strong', act: 'act', actSoft: 'act-soft', running: 'running-fill', runningInk: 'running-ink',
    done: 'idle-fill', setup: 'setup-fill', waiting: 'waiting-fill', waitingSoft: 'waiting-soft', late: 'fault-fill', lateSoft: 'fault-soft', lateInk: 'fault-ink' };

  /** The page's colours as they are now; on paper the light ones. */
  function colours(paper) {
    const probe = document.body.appendChild(document.createElement('span'));
    if (paper) probe.style.colorScheme = 'light';
    const found = {};
    for (const [name, token] of Object.entries(TOKENS)) { probe.style.color = `var(--${token})`; found[name] = getComputedStyle(probe).color; }
    found.font = getComputedStyle(document.body).fontFamily;
    probe.remove();
    return found;
  }

  const font = (c, size, bold) => `${bold ? 650 : 400} ${size}px ${c.font}`;
  const widths = new Map();
  const meter = document.createElement('canvas').getContext('2d');
  function widthOf(c, text, size, bold) {
    const key = `${size}${bold ? 'b' : ''}${text}`;
    let w = widths.get(key);
    if (w === undefined) { if (widths.size > 20000) widths.clear(); meter.font = font(c, size, bold); w = meter.measureText(text).width; widths.set(key, w); }
    return w;
  }
  /** As much of a text as fits. */
  function fit(c, text, size, bold, room) {
    const w = widthOf(c, text, size, bold);
    if (w <= room) return text;
    const n = Math.floor(text.length * room / w) - 1;
    return n > 0 ? text.slice(0, n) + '…' : '';
  }

  /** A name keeps its beginning and its end: orders differ by their last characters. */
  function fitName(c, text, size, bold, room) {
    const w = widthOf(c, text, size, bold);
    if (w <= room) return text;
    const n = Math.floor(text.length * room / w) - 1, head = Math.floor(n * .4);
    return n > 3 ? text.slice(0, head) + '…' + text.slice(text.length - (n - head)) : n > 0 ? text.slice(0, n) + '…' : '';
  }

  function canvasInk(ctx, c) {
    let hatch = null, face = '';
    const brush = () => {
      if (hatch) return hatch;
      const tile = Object.assign(document.createElement('canvas'), { width: 8, height: 8 }), t = tile.getContext('2d');
      t.strokeStyle = c.strong; t.globalAlpha = .35; t.lineWidth = 1;
      t.beginPath(); t.moveTo(-2, 6); t.lineTo(6, -2); t.moveTo(2, 10); t.lineTo(10, 2); t.stroke();
      return hatch = ctx.createPattern(tile, 'repeat');
    };
    return {
      c,
      rect(x, y, w, h, fill, stroke, line = 1, dash) {
        if (fill) { ctx.fillStyle = fill; ctx.fillRect(x, y, w, h); }
        if (stroke) { ctx.strokeStyle = stroke; ctx.lineWidth = line; if (dash) ctx.setLineDash(dash); ctx.strokeRect(x + line / 2, y + line / 2, Math.max(0, w - line), Math.max(0, h - line)); if (dash) ctx.setLineDash([]); }
      },
      frames(boxes, stroke, line, dash) {
        if (!boxes.length) return;
        ctx.strokeStyle = stroke; ctx.lineWidth = line; if (dash) ctx.setLineDash(dash);
        ctx.beginPath();
        for (const b of boxes) ctx.rect(b.x + line / 2, b.y + line / 2, Math.max(0, b.w - line), Math.max(0, b.h - line));
        ctx.stroke();
        if (dash) ctx.setLineDash([]);
      },
      hatch(x, y, w, h) { ctx.fillStyle = brush(); ctx.fillRect(x, y, w, h); },
      line(x1, y1, x2, y2, stroke, line = 1, dash) {
        ctx.strokeStyle = stroke; ctx.lineWidth = line; if (dash) ctx.setLineDash(dash);
        ctx.beginPath(); ctx.moveTo(x1, y1); ctx.lineTo(x2, y2); ctx.stroke(); if (dash) ctx.setLineDash([]);
      },
      text(x, y, text, fill, size = 12, bold = false) { const f = font(c, size, bold); if (f !== face) ctx.font = face = f; ctx.fillStyle = fill; ctx.fillText(text, x, y); },
      path(points, fill) { ctx.fillStyle = fill; ctx.beginPath(); points.forEach(([x, y], i) => i ? ctx.lineTo(x, y) : ctx.moveTo(x, y)); ctx.closePath(); ctx.fill(); },
    };
  }

  function svgInk(c, out) {
    const n = v => Math.round(v * 100) / 100, safe = s => s.replace(/[&<>"]/g, x => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[x]);
    out.push(`<defs><pattern id="gantt-paper" width="8" height="8" patternUnits="userSpaceOnUse"><path d="M-2 6L6 -2M2 10L10 2" stroke="${c.strong}" stroke-opacity=".35"/></pattern></defs>`);
    return {
      c,
      rect(x, y, w, h, fill, stroke, line = 1, dash) { out.push(`<rect x="${n(x)}" y="${n(y)}" width="${n(Math.max(0, w))}" height="${n(Math.max(0, h))}" fill="${fill ?? 'none'}"${stroke ? ` stroke="${stroke}" stroke-width="${line}"` : ''}${dash ? ` stroke-dasharray="${dash}"` : ''}/>`); },
      frames(boxes, stroke, line, dash) { for (const b of boxes) this.rect(b.x, b.y, b.w, b.h, null, stroke, line, dash); },
      hatch(x, y, w, h) { out.push(`<rect x="${n(x)}" y="${n(y)}" width="${n(w)}" height="${n(h)}" fill="url(#gantt-paper)"/>`); },
      line(x1, y1, x2, y2, stroke, line = 1, dash) { out.push(`<path d="M${n(x1)} ${n(y1)}L${n(x2)} ${n(y2)}" stroke="${stroke}" stroke-width="${line}" fill="none"${dash ? ` stroke-dasharray="${dash}"` : ''}/>`); },
      text(x, y, text, fill, size = 12, bold = false) { out.push(`<text x="${n(x)}" y="${n(y)}" fill="${fill}" font-size="${size}"${bold ? ' font-weight="650"' : ''}>${safe(text)}</text>`); },
      path(points, fill) { out.push(`<path d="M${points.map(([x, y]) => `${n(x)} ${n(y)}`).join('L')}Z" fill="${fill}"/>`); },
    };
  }

  // Names of days and months of the reader's language; the clock is the factory's.
  const formats = new Map();
  function word(kind, lang, t) {
    const key = kind + lang;
    if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(lang, { timeZone: 'UTC', ...{
      day: { month: 'short', day: 'numeric', weekday: 'short' }, short: { month: 'numeric', day: 'numeric' }, month: { year: 'numeric', month: 'short' },
    }[kind] }));
    return formats.get(key).format(t + ZONE);
  }
  const two = v => String(v).padStart(2, '0');
  const clock = t => { const d = new Date(t + ZONE); return `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}`; };

  const rowHeight = view => view === 'orders' ? 34 : view === 'load' ? 60 : 46;
  const rowsOf = g => g.view === 'orders' ? g.sheet.orders : g.sheet.rows;
  const heightOf = g => AXIS + rowsOf(g).length * rowHeight(g.view);
  const gutterOf = width => width < 620 ? 92 : 164;

  function boxOf(g, op, at = op) {
    const h = rowHeight(g.view), line = g.view === 'orders' ? op.order.line : at.row ?? op.row, lanes = g.view === 'orders' ? 1 : g.sheet.rows[line]?.lanes ?? 1;
    const each = (h - 10) / lanes, start = at.a ?? op.a, end = at.b ?? op.b;
    return { x: g.x(start), y: AXIS + line * h + 5 + (g.view === 'orders' ? 0 : op.lane) * each - g.top, w: Math.max(2, g.x(end) - g.x(start)), h: each - (lanes > 1 ? 1 : 0) };
  }

  /** g: { sheet, view, from, ms, width, height, top, lang, words, chosen, drag, preview, x(t) } */
  /** @param still without what a hand carries: that is laid over it by carry(). */
  function paint(ink, g, still) {
    const { c } = ink, gutter = gutterOf(g.width), to = g.from + g.ms, rows = rowsOf(g), h = rowHeight(g.view);
    const first = Math.max(0, Math.floor(g.top / h)), last = Math.min(rows.length, Math.ceil((g.top + g.height - AXIS) / h));
    ink.rect(0, 0, g.width, g.height, c.raised);
    if (g.view !== 'orders') closed(ink, g, rows, first, last, h, gutter, to);
    const minor = S.stepFor(g.ms, g.width - gutter, 58), major = minor >= DAY ? 28 * DAY : DAY;
    for (let t = S.floor(g.from, minor) + minor; t < to; t += minor) ink.line(g.x(t), AXIS, g.x(t), g.height, midnight(t) ? c.strong : c.line, 1);
    for (let i = first; i <= last; i++) ink.line(gutter, AXIS + i * h - g.top, g.width, AXIS + i * h - g.top, c.line, 1);
    if (g.sheet.frozen > g.from) frozen(ink, g, gutter, to);
    if (g.view === 'load') for (let i = first; i < last; i++) loads(ink, g, rows[i], AXIS + i * h - g.top, h, minor, to);
    else for (let i = first; i < last; i++) bars(ink, g, rows[i], to);
    if (g.view === 'orders') for (let i = first; i < last; i++) due(ink, g, rows[i], AXIS + i * h - g.top, h);
    const chosen = g.sheet.byId.get(g.chosen);
    if (chosen && g.view === 'machines') links(ink, g, chosen);
    if (!still) carry(ink, g);
    if (g.sheet.now >= g.from && g.sheet.now <= to) ink.line(g.x(g.sheet.now), AXIS - 4, g.x(g.sheet.now), g.height, c.act, 2);
    axis(ink, g, minor, major, gutter, to);
    names(ink, g, rows, first, last, h, gutter);
  }

  /** What makes way, as frames in one stroke for each colour, and the bar in the hand. */
  function carry(ink, g) {
    const { c } = ink, to = g.from + g.ms;
    if (g.preview) {
      const calm = [], late = [];
      for (const m of g.preview) {
        if (m.end < g.from || m.start > to) continue;
        const op = g.sheet.byId.get(m.id), b = op && boxOf(g, op, { row: m.row, a: m.start, b: m.end });
        if (b && b.y < g.height && b.y + b.h > AXIS) (m.late ? late : calm).push(b);
      }
      const dash = calm.length + late.length > 60 ? undefined : [5, 3];
      ink.frames(calm, c.act, 2, dash);
      ink.frames(late, c.late, 2, dash);
    }
    if (g.drag) ghost(ink, g);
  }

  const midnight = t => (t + ZONE) % DAY === 0;

  function closed(ink, g, rows, first, last, h, gutter, to) {
    const least = g.ms / (g.width - gutter) * 3;
    for (let i = first; i < last; i++) {
      const { from, to: until } = rows[i].cal;
      for (let k = S.lower(until, g.from); k < from.length && from[k] < to; k++) {
        if (until[k] - from[k] < least) continue;
        const x = Math.max(gutter, g.x(from[k]));
        ink.hatch(x, AXIS + i * h - g.top, Math.min(g.width, g.x(until[k])) - x, h);
      }
    }
  }

  function frozen(ink, g, gutter, to) {
    const a = Math.max(g.from, g.sheet.now), b = Math.min(to, g.sheet.frozen);
    if (b <= a) return;
    ink.rect(g.x(a), AXIS, g.x(b) - g.x(a), g.height, null, ink.c.strong, 1, [2, 4]);
    const text = fit(ink.c, g.words.frozen, 11, true, g.x(b) - g.x(a) - 8);
    if (text) ink.text(g.x(a) + 5, g.height - 6, text, ink.c.muted, 11, true);
  }

  function bars(ink, g, row, to) {
    const list = row.bars, machines = g.view === 'machines';
    // Bars are sorted by start; none that begins earlier than the longest one before the window can reach into it.
    for (let k = machines ? S.lower(row.starts, g.from - row.longest) : 0; k < list.length; k++) {
      const op = list[k];
      if (op.b < g.from) continue;
      if (op.a > to) { if (machines) break; continue; }
      bar(ink, g, op, boxOf(g, op));
    }
  }

  function bar(ink, g, op, b) {
    const { c } = ink, done = op.state === 3, late = op.late && !done, chosen = op.id === g.chosen, dim = g.drag?.op === op;
    const fill = done ? c.done : op.state === 1 ? c.running : op.state === 2 ? c.waitingSoft : late ? c.lateSoft : c.surface;
    const rim = chosen ? c.act : late ? c.late : op.state === 1 ? c.runningInk : op.state === 2 ? c.waiting : c.strong;
    const left = Math.max(b.x, gutterOf(g.width) - 4), w = b.x + b.w - left;
    if (w <= 0) return;
    ink.rect(left, b.y, w, b.h, dim ? null : fill, rim, chosen ? 3 : late || op.held ? 2 : 1, dim ? [3, 3] : op.held ? [6, 4] : undefined);
    if (dim) return;
    const set = g.x(Math.min(op.run, op.b)) - left;
    if (set > 1 && !done) ink.rect(left, b.y, Math.min(w, set), Math.min(6, b.h), c.setup);
    if (op.lock && w > 18) padlock(ink, b.x + b.w - 13, b.y + b.h / 2 - 5);
    if (w < 26 || b.h < 13) return;
    const label = (late ? '! ' : op.fragile && !done ? '◇ ' : '') + (g.view === 'orders' ? g.sheet.rows[op.row]?.name ?? '' : op.id);
    const text = fitName(c, label, BAR, late, w - 10 - (op.lock ? 12 : 0));
    if (text) ink.text(left + 5, b.y + b.h / 2 + 5, text, late ? c.lateInk : c.text, BAR, late);
  }

  function padlock(ink, x, y) {
    ink.rect(x + 2, y, 5, 6, null, ink.c.text, 1.5);
    ink.rect(x, y + 4, 9, 7, ink.c.text);
  }

  function due(ink, g, order, y, h) {
    const x = g.x(order.due);
    if (x < gutterOf(g.width) || x > g.width) return;
    ink.line(x, y + 3, x, y + h - 3, order.late ? ink.c.late : ink.c.strong, 2);
    ink.path([[x, y + 3], [x + 8, y + 7], [x, y + 11]], order.late ? ink.c.late : ink.c.strong);
  }

  /** The way of the chosen order through the machines, and its due date. */
  function links(ink, g, chosen) {
    const steps = chosen.order.bars;
    for (let i = 1; i < steps.length; i++) {
      const a = boxOf(g, steps[i - 1]), b = boxOf(g, steps[i]), x = a.x + a.w;
      ink.line(x, a.y + a.h / 2, b.x, b.y + b.h / 2, ink.c.act, 1.5);
      ink.rect(steps[i].a === chosen.a ? b.x - 2 : b.x - 2, b.y + b.h / 2 - 2, 4, 4, ink.c.act);
    }
    const x = g.x(chosen.order.due);
    if (x > gutterOf(g.width) && x < g.width) { ink.line(x, AXIS, x, g.height, chosen.order.late ? ink.c.late : ink.c.strong, 1, [6, 4]); ink.text(x + 4, g.height - 20, fit(ink.c, `${g.words.due} ${chosen.order.id}`, 11, true, 190), chosen.order.late ? ink.c.lateInk : ink.c.muted, 11, true); }
  }

  function loads(ink, g, row, y, h, minor, to) {
    const size = Math.max(HOUR, minor), cells = S.load(g.sheet, row, size), room = h - 20;
    for (let at = S.floor(g.from, size); at < to; at += size) {
      const cell = cells.get(at);
      if (!cell || cell.work <= 0) continue;
      const share = cell.open > 0 ? cell.work / cell.open : 1, x = Math.max(gutterOf(g.width), g.x(at)), w = g.x(at + size) - x - 1, tall = Math.min(1, share) * room;
      if (w <= 0) continue;
      const full = share > .995;
      ink.rect(x, y + h - 3 - tall, w, tall, full ? ink.c.waiting : ink.c.running);
      if (w > 34) ink.text(x + 3, y + 13, `${Math.round(share * 100)} %`, full ? ink.c.text : ink.c.muted, 11, full);
    }
  }

  function ghost(ink, g) {
    const { c } = ink, d = g.drag, b = boxOf(g, d.op, { row: d.row, a: d.start, b: d.start + d.op.b - d.op.a });
    const tone = d.obstacle?.stop ? c.late : d.obstacle ? c.waiting : c.act;
    ink.rect(b.x, b.y, b.w, b.h, d.obstacle?.stop ? c.lateSoft : c.actSoft, tone, 3);
    ink.text(b.x + 6, b.y + b.h / 2 + 5, `${d.obstacle?.stop ? '✕ ' : ''}${clock(d.start)} ${d.op.id}`, c.text, BAR, true);
  }

  function axis(ink, g, minor, major, gutter, to) {
    const { c } = ink, nowX = g.x(g.sheet.now), shown = g.sheet.now >= g.from && g.sheet.now <= to;
    ink.rect(0, 0, g.width, AXIS, c.surface);
    ink.line(0, AXIS - .5, g.width, AXIS - .5, c.strong);
    if (minor < DAY) {
      for (let t = S.floor(g.from, DAY); t < to; t += DAY) {
        const x = Math.max(gutter, g.x(t)), room = g.x(t + DAY) - x - 8;
        const text = room > 30 ? fit(c, word('day', g.lang, t), 12, true, room) : '';
        if (text) ink.text(x + 5, 16, text, c.text, 12, true);
        if (g.x(t) > gutter) ink.line(g.x(t), 2, g.x(t), AXIS, c.strong);
      }
      for (let t = S.floor(g.from, minor) + minor; t < to; t += minor) {
        const x = g.x(t);
        if (x < gutter || shown && x > nowX - 62 && x < nowX + 70) continue;
        ink.text(x + 4, 37, clock(t), c.muted, 11);
      }
    } else {
      let said = '';
      for (let t = S.floor(g.from, minor); t < to; t += minor) {
        const x = Math.max(gutter, g.x(t)), month = word('month', g.lang, t);
        if (month !== said && g.x(t + minor) > gutter) { ink.text(x + 4, 16, month, c.text, 12, true); said = month; }
        if (g.x(t) >= gutter && !(shown && x > nowX - 48 && x < nowX + 70)) ink.text(x + 4, 37, word('short', g.lang, t), c.muted, 11);
      }
    }
    if (shown) ink.text(nowX + 4, 37, `${g.words.now} ${clock(g.sheet.now)}`, c.act, 11, true);
  }

  function names(ink, g, rows, first, last, h, gutter) {
    const { c } = ink;
    ink.rect(0, AXIS, gutter, g.height, c.surface);
    for (let i = first; i < last; i++) {
      const y = AXIS + i * h - g.top, r = rows[i], order = g.view === 'orders', late = order && r.late;
      if (y + h < AXIS) continue;
      const two = order ? r.item : r.bars.length ? '' : g.words.free;
      ink.text(8, y + (two ? h / 2 - 1 : h / 2 + 5), (order ? fitName : fit)(c, (late ? '! ' : order && r.fragile ? '◇ ' : '') + (order ? r.id : r.name), 13, late, gutter - 14), late ? c.lateInk : c.text, 13, late);
      if (two) ink.text(8, y + h / 2 + 13, fit(c, two, 11, false, gutter - 14), c.muted, 11);
      ink.line(0, y + h, gutter, y + h, c.line);
    }
    ink.line(gutter, 0, gutter, g.height, c.strong);
    ink.rect(0, 0, gutter - .5, AXIS - 1, c.surface);
    ink.text(8, 27, fit(c, g.words[g.view], 12, true, gutter - 14), c.muted, 12, true);
  }

  /** The whole height of the chart as SVG, for paper. */
  function paper(g, width) {
    const c = colours(true), out = [], height = heightOf(g), gutter = gutterOf(width);
    const p = { ...g, width, height, top: 0, drag: null, preview: null, x: t => gutter + (t - g.from) / g.ms * (width - gutter) };
    paint(svgInk(c, out), p);
    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="${c.font.replace(/"/g, "'")}" role="img">${out.join('')}</svg>`;
  }

  return { AXIS, colours, canvasInk, paint, carry, paper, boxOf, rowHeight, rowsOf, heightOf, gutterOf, clock };
})();
