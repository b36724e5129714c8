// The hands on a Gantt: drag, zoom, pan, keys and touch. The window moves here at once and is told to the page when it rests;
// what a drag would do is asked of the node while the hand is still down, and the node alone decides.
window.ieumGantt = (() => {
  'use strict';
  const S = window.ieumGanttSheet, P = window.ieumGanttPaint, { MIN, HOUR, DAY } = S;
  const NARROWEST = 10 * MIN, WIDEST = 370 * DAY, HOLD = 380, SLACK = 5;
  const attached = new WeakMap();

  function make(place, page, words) {
    const frame = place.querySelector('.gantt-frame'), canvas = place.querySelector('canvas'), fill = place.querySelector('.gantt-fill'), say = place.querySelector('.gantt-say'), tip = place.querySelector('.gantt-tip');
    const ctx = canvas.getContext('2d', { alpha: false }), stop = new AbortController(), on = { signal: stop.signal };
    const g = { sheet: null, view: 'machines', from: 0, ms: 48 * HOUR, width: 0, height: 0, top: 0, lang: document.documentElement.lang, words, chosen: null, drag: null, preview: null, x: null };
    let ink = null, edge = null, dirty = false, telling = 0, asked = 0, answered = 0, asking = false, hand = null;
    const fingers = new Map();
    g.x = t => P.gutterOf(g.width) + (t - g.from) / g.ms * (g.width - P.gutterOf(g.width));
    const timeAt = x => g.from + (x - P.gutterOf(g.width)) / (g.width - P.gutterOf(g.width)) * g.ms;

    // While a bar is carried nothing moves but the bar and what makes way: the rest is painted once and laid down as one picture.
    const still = document.createElement('canvas'), pen = still.getContext('2d', { alpha: false });
    let stillInk = null, stillOf = null;
    function carried() {
      const now = [g.sheet, g.view, g.from, g.ms, g.width, g.height, g.top, g.chosen, g.drag.op, Math.round(g.x(g.sheet.now)), ink];
      if (!stillOf || now.some((v, i) => v !== stillOf[i])) {
        stillOf = now;
        if (still.width !== canvas.width || still.height !== canvas.height) { still.width = canvas.width; still.height = canvas.height; }
        const scale = devicePixelRatio || 1;
        pen.setTransform(scale, 0, 0, scale, 0, 0);
        P.paint(stillInk ??= P.canvasInk(pen, ink.c), g, true);
      }
      ctx.setTransform(1, 0, 0, 1, 0, 0);
      ctx.drawImage(still, 0, 0);
      const scale = devicePixelRatio || 1;
      ctx.setTransform(scale, 0, 0, scale, 0, 0);
      ctx.save();
      ctx.beginPath();
      ctx.rect(P.gutterOf(g.width), P.AXIS, g.width, g.height);
      ctx.clip();
      P.carry(ink, g);
      ctx.restore();
    }
    const draw = () => { if (!dirty) { dirty = true; requestAnimationFrame(() => { dirty = false; if (g.sheet && g.width) { if (g.drag) carried(); else { stillOf = null; P.paint(ink, g); } } }); } };
    function size() {
      if (!frame.clientWidth || !g.sheet) return;
      fill.style.height = `${P.heightOf(g)}px`;   // may bring or take the scroll bar, so widths are read after it
      const scale = devicePixelRatio || 1, width = g.width = frame.clientWidth;
      g.height = Math.min(frame.clientHeight, P.heightOf(g));
      canvas.style.height = `${g.height}px`;
      if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(g.height * scale)) { canvas.width = Math.round(width * scale); canvas.height = Math.round(g.height * scale); }
      ctx.setTransform(scale, 0, 0, scale, 0, 0);
      ink = P.canvasInk(ctx, P.colours(false));
      stillInk = stillOf = edge = null;
      draw();
    }

    // The page keeps the window in its address; it hears of it when the hand rests.
    function tell() { clearTimeout(telling); telling = setTimeout(() => page.invokeMethodAsync('Windowed', Math.round(g.from), g.ms / HOUR), 350); place.dataset.window = `${Math.round(g.from)} ${Math.round(g.ms)}`; }
    function move(from) { g.from = from; draw(); tell(); }
    function zoom(factor, at = timeAt(g.width / 2)) {
      const ms = Math.min(WIDEST, Math.max(NARROWEST, g.ms * factor));
      g.from = at - (at - g.from) * ms / g.ms;
      g.ms = ms;
      draw();
      tell();
    }
    function reveal(op) {
      if (op.b < g.from || op.a > g.from + g.ms) move(op.a - g.ms * .2);
      const b = P.boxOf(g, op), h = P.rowHeight(g.view);
      if (b.y < P.AXIS) frame.scrollTop -= P.AXIS - b.y + 6;
      else if (b.y + b.h > g.height) frame.scrollTop += b.y + h - g.height;
    }
    function choose(op, told = true) {
      g.chosen = op?.id ?? null;
      if (op) { reveal(op); say.textContent = speak(op); }
      draw();
      if (told) page.invokeMethodAsync('ChooseAsync', g.chosen);
    }
    const speak = op => `${op.id}, ${g.sheet.rows[op.row]?.name}, ${stamp(op.a)} – ${stamp(op.b)}${op.late ? `, ${words.late}` : ''}${op.lock ? `, ${words.locked}` : ''}`;
    const dayWords = new Intl.DateTimeFormat(g.lang, { timeZone: 'UTC', month: 'short', day: 'numeric' });   // making one takes a millisecond
    const stamp = t => `${dayWords.format(t + S.ZONE)} ${P.clock(t)}`;
    const reason = o => o ? words.rules[o.rule] + (o.at ? ` → ${stamp(o.at)}` : '') : '';

    function under(x, y) {
      if (y < P.AXIS || x < P.gutterOf(g.width)) return null;
      const h = P.rowHeight(g.view), row = P.rowsOf(g)[Math.floor((y - P.AXIS + g.top) / h)];
      if (!row || g.view === 'load') return null;
      const near = row.bars.filter(op => { const b = P.boxOf(g, op); return x >= b.x - 3 && x <= b.x + Math.max(b.w, 8) + 3 && y >= b.y && y <= b.y + b.h; });
      return near.at(-1) ?? null;
    }
    const rowUnder = y => Math.min(g.sheet.rows.length - 1, Math.max(0, Math.floor((y - P.AXIS + g.top) / P.rowHeight(g.view))));
    // Asking where the canvas lies makes the browser lay out what was written before; while a hand is down it is asked once.
    const point = e => { const r = hand && edge || (edge = canvas.getBoundingClientRect()); return [e.clientX - r.left, e.clientY - r.top]; };
    addEventListener('scroll', () => { edge = null; }, { capture: true, passive: true, signal: stop.signal });
    const write = (text, tone) => {
      if (tip.hidden) tip.hidden = false;
      if (tip.className !== tone) tip.className = tone;
      if (tip.textContent !== text) tip.textContent = text;
    };
    const snap = () => Math.max(MIN, S.stepFor(g.ms, g.width, 5));

    // ---- moving one operation ----
    function lift(op, grip) { if (!g.sheet.edit) return false; g.drag = { op, row: op.row, start: op.a, grip, obstacle: null }; choose(op, false); canvas.classList.add('dragging'); return true; }
    function carry(row, start) {
      const d = g.drag, s = snap();
      start = Math.round(start / s) * s;
      if (d.row === row && d.start === start) return;
      Object.assign(d, { row, start, obstacle: S.obstacle(g.sheet, d.op, row, start) });
      g.preview = null;
      write(`${g.sheet.rows[row].name} · ${stamp(start)}${d.obstacle ? ' · ' + reason(d.obstacle) : ''}`, `gantt-tip${d.obstacle?.stop ? ' bad' : d.obstacle ? ' warn' : ''}`);
      const feasible = d.obstacle?.stop ? 'no' : 'yes';
      if (place.dataset.feasible !== feasible) place.dataset.feasible = feasible;
      asked++;
      if (!d.obstacle?.stop) ask();
      draw();
    }
    /** One question at a time; the newest place is asked next. */
    async function ask() {
      if (asking) return;
      asking = true;
      try {
        while (g.drag && !g.drag.obstacle?.stop && answered !== asked) {
          const mine = answered = asked, d = g.drag;
          const answer = await page.invokeMethodAsync('TryAsync', d.op.id, g.sheet.rows[d.row].id, d.start);
          if (!g.drag || mine !== asked) continue;
          g.preview = answer.moves;
          write(`${g.sheet.rows[d.row].name} · ${answer.text}`, `gantt-tip${answer.accepted ? answer.worse ? ' warn' : '' : ' bad'}`);
          draw();
        }
      } finally { asking = false; }
    }
    async function drop() {
      const d = g.drag;
      if (!d) return;
      canvas.classList.remove('dragging');
      const same = d.row === d.op.row && d.start === d.op.a;
      if (same || d.obstacle?.stop) { put(); if (!same) refuse(reason(d.obstacle)); return; }
      d.waits = true;
      let answer;
      try { answer = await page.invokeMethodAsync('MoveAsync', d.op.id, g.sheet.rows[d.row].id, d.start); } finally { put(); }
      if (!answer.accepted) refuse(answer.text); else say.textContent = answer.text;
    }
    function put() { g.drag = g.preview = null; tip.hidden = true; delete place.dataset.feasible; canvas.classList.remove('dragging'); draw(); }
    function refuse(text) {
      say.textContent = text;
      tip.hidden = false;
      tip.className = 'gantt-tip bad';
      tip.textContent = text;
      setTimeout(() => { if (!g.drag) tip.hidden = true; }, 6000);
    }

    // ---- pointer ----
    canvas.addEventListener('pointerdown', e => {
      const [x, y] = point(e);
      fingers.set(e.pointerId, [x, y]);
      canvas.focus({ preventScroll: true });
      if (fingers.size === 2) { put(); const [a, b] = [...fingers.values()]; hand = { pinch: Math.hypot(a[0] - b[0], a[1] - b[1]), ms: g.ms, at: timeAt((a[0] + b[0]) / 2) }; return; }
      if (e.button || g.drag?.waits) return;
      const op = under(x, y);
      hand = { x, y, from: g.from, op, moved: false, touch: e.pointerType !== 'mouse' };
      // A finger that rests lifts a bar; one that moves at once looks around.
      if (hand.touch && op) hand.timer = setTimeout(() => { if (hand && !hand.moved) { hand.lifted = lift(op, timeAt(x) - op.a); navigator.vibrate?.(20); } }, HOLD);
      try { canvas.setPointerCapture(e.pointerId); } catch { /* a pointer that has gone already */ }
    }, on);
    canvas.addEventListener('pointermove', e => {
      const [x, y] = point(e);
      if (fingers.has(e.pointerId)) fingers.set(e.pointerId, [x, y]);
      if (hand?.pinch && fingers.size === 2) {
        const [a, b] = [...fingers.values()];
        g.ms = Math.min(WIDEST, Math.max(NARROWEST, hand.ms * hand.pinch / Math.max(20, Math.hypot(a[0] - b[0], a[1] - b[1]))));
        move(hand.at - ((a[0] + b[0]) / 2 - P.gutterOf(g.width)) / (g.width - P.gutterOf(g.width)) * g.ms);
        return;
      }
      if (!hand) { canvas.style.cursor = under(x, y) ? 'pointer' : 'grab'; return; }
      if (!hand.moved && Math.hypot(x - hand.x, y - hand.y) < SLACK) return;
      if (!hand.moved) {
        hand.moved = true;
        clearTimeout(hand.timer);
        if (hand.op && !hand.touch) hand.lifted = lift(hand.op, timeAt(hand.x) - hand.op.a);
      }
      if (hand.lifted && g.drag && !g.drag.waits) {
        carry(g.view === 'machines' ? rowUnder(y) : g.drag.op.row, timeAt(x) - g.drag.grip);
        // On the side where there is room; asking the tip for its width would lay the page out anew at every move.
        tip.style.transform = x < g.width / 2 ? `translate(${x + 14}px, ${Math.max(0, y - 46)}px)` : `translate(calc(${x - 14}px - 100%), ${Math.max(0, y - 46)}px)`;
      } else if (!hand.lifted) move(hand.from - (x - hand.x) / (g.width - P.gutterOf(g.width)) * g.ms);
    }, on);
    const release = e => {
      fingers.delete(e.pointerId);
      const h = hand;
      if (fingers.size) return;
      hand = null;
      if (!h) return;
      clearTimeout(h.timer);
      if (h.pinch) return;
      if (h.lifted) { if (e.type === 'pointercancel') put(); else if (h.moved || g.drag?.start !== h.op.a) drop(); else put(); }
      else if (!h.moved && e.type === 'pointerup') choose(h.op);
    };
    canvas.addEventListener('pointerup', release, on);
    canvas.addEventListener('pointercancel', release, on);
    canvas.addEventListener('touchmove', e => { if (g.drag) e.preventDefault(); }, { passive: false, signal: stop.signal });
    canvas.addEventListener('wheel', e => {
      if (e.ctrlKey) { e.preventDefault(); zoom(1.0018 ** e.deltaY, timeAt(point(e)[0])); }
      else if (e.shiftKey || Math.abs(e.deltaX) > Math.abs(e.deltaY)) { e.preventDefault(); move(g.from + (e.deltaX || e.deltaY) / g.width * g.ms); }
    }, { passive: false, signal: stop.signal });
    frame.addEventListener('scroll', () => { g.top = frame.scrollTop; draw(); }, { passive: true, signal: stop.signal });

    // ---- keys ----
    const all = name => page.invokeMethodAsync(name);
    function walk(side) {
      const now = g.sheet.byId.get(g.chosen), rows = P.rowsOf(g);
      if (!now) { const first = g.sheet.ops.filter(o => o.b > Math.max(g.from, g.sheet.now - g.ms)).sort((a, b) => a.a - b.a)[0] ?? g.sheet.ops[0]; if (first) choose(first); return; }
      const mine = g.view === 'orders' ? now.order.bars : g.sheet.rows[now.row].bars;
      if (side === 'left' || side === 'right') { const next = mine[mine.indexOf(now) + (side === 'right' ? 1 : -1)]; if (next) choose(next); return; }
      for (let i = (g.view === 'orders' ? now.order.line : now.row) + (side === 'down' ? 1 : -1); i >= 0 && i < rows.length; i += side === 'down' ? 1 : -1) {
        if (!rows[i].bars.length) continue;
        choose(rows[i].bars.reduce((best, o) => Math.abs(o.a - now.a) < Math.abs(best.a - now.a) ? o : best));
        return;
      }
    }
    /** With Alt an operation is carried by the keyboard: arrows move it, Enter puts it down, Escape puts it back. */
    function carryByKey(side) {
      const op = g.drag?.op ?? g.sheet.byId.get(g.chosen);
      if (!op || g.view === 'load' || !g.drag && !lift(op, 0)) return;
      const d = g.drag, step = Math.max(5 * MIN, snap());
      if (side === 'left' || side === 'right') return carry(d.row, d.start + (side === 'right' ? step : -step));
      const can = [...op.can].sort((a, b) => a - b), next = can[can.indexOf(d.row) + (side === 'down' ? 1 : -1)];
      if (next !== undefined && g.view === 'machines') carry(next, d.start);
    }
    canvas.addEventListener('keydown', e => {
      if (!g.sheet) return;
      const arrow = { ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down' }[e.key], key = e.key.toLowerCase();
      let mine = true;
      if (arrow && (e.altKey || g.drag)) { carryByKey(arrow); say.textContent = tip.textContent; }
      else if (arrow && e.shiftKey && (arrow === 'left' || arrow === 'right')) move(g.from + (arrow === 'right' ? 1 : -1) * g.ms / 4);
      else if (arrow) walk(arrow);
      else if (e.key === 'Enter' && g.drag) drop();
      else if (e.key === 'Escape') { if (g.drag) put(); else choose(null); }
      else if ((e.ctrlKey || e.metaKey) && key === 'z') all(e.shiftKey ? 'RedoAsync' : 'UndoAsync');
      else if ((e.ctrlKey || e.metaKey) && key === 'y') all('RedoAsync');
      else if (e.ctrlKey || e.metaKey || e.altKey) mine = false;
      else if (e.key === '+' || e.key === '=') zoom(.6);
      else if (e.key === '-') zoom(1 / .6);
      else if (e.key === 'Home') move(g.sheet.now - g.ms * .1);
      else if (key === 'l' && g.chosen) all('LockAsync');
      else if (key === 's' && g.chosen) all('SplitDialog');
      else mine = false;
      if (mine) e.preventDefault();
    }, on);

    place.addEventListener('click', e => {
      const act = e.target.closest?.('[data-gantt]')?.dataset.gantt;
      if (act === 'in') zoom(.6); else if (act === 'out') zoom(1 / .6);
      else if (act === 'back') move(g.from - g.ms / 2); else if (act === 'forward') move(g.from + g.ms / 2);
      else if (act === 'now') move(g.sheet.now - g.ms * .1);
      else if (act === 'fit' && g.sheet.ops.length) { const a = Math.min(...g.sheet.ops.map(o => o.a)), b = Math.max(...g.sheet.ops.map(o => o.b)); g.ms = Math.min(WIDEST, (b - a) * 1.06); move(a - (b - a) * .03); }
      else if (act === 'print') print();
    }, on);
    addEventListener('beforeprint', () => { place.querySelector('.gantt-paper').innerHTML = P.paper(g, 1040); }, on);
    addEventListener('afterprint', () => { place.querySelector('.gantt-paper').replaceChildren(); }, on);
    document.addEventListener('ieum:theme', () => setTimeout(size, 0), on);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', size, on);
    const watch = new ResizeObserver(size);
    watch.observe(frame);
    const pulse = setInterval(() => { const now = Number(place.dataset.now); if (g.sheet && now && Math.abs(now - g.sheet.now) / g.ms * g.width > .5) { g.sheet.now = now; draw(); } }, 1000);
    stop.signal.addEventListener('abort', () => { watch.disconnect(); clearInterval(pulse); clearTimeout(telling); });

    return {
      show(raw) {
        const view = g.view;
        g.sheet = S.read(raw);
        if (!g.sheet.byId.has(g.chosen)) g.chosen = null;
        if (g.drag && !g.drag.waits) put();
        size();
        place.dataset.live = '1';
        place.dataset.bars = g.sheet.ops.length;
        g.view = view;
      },
      look(view, from, hours, chosen) {
        const ms = hours * HOUR;
        if (view !== g.view) { g.view = view; frame.scrollTop = g.top = 0; }
        from ??= (g.sheet?.now ?? Date.now()) - ms * .1;
        if (Math.abs(from - g.from) > 500 || Math.abs(ms - g.ms) > 500) { g.from = from; g.ms = Math.min(WIDEST, Math.max(NARROWEST, ms)); }
        g.chosen = chosen;
        place.dataset.window = `${Math.round(g.from)} ${Math.round(g.ms)}`;
        size();
      },
      /** Where a bar lies on the screen: for tests and for tools that point at it. */
      place(id) { const op = g.sheet?.byId.get(id); if (!op) return null; const b = P.boxOf(g, op), r = canvas.getBoundingClientRect(); return [r.left + b.x, r.top + b.y, b.w, b.h]; },
      /** The movable bar nearest to a point of the screen. */
      some(x, y) { const r = canvas.getBoundingClientRect(), far = o => { const b = P.boxOf(g, o); return Math.hypot(b.x + b.w / 2 - (x - r.left), b.y + b.h / 2 - (y - r.top)); }; return g.sheet?.ops.filter(o => !o.state && o.a > g.sheet.now).reduce((a, o) => far(o) < far(a) ? o : a).id; },
      detach: () => stop.abort(),
    };
  }

  return {
    attach(place, page, words) { attached.get(place)?.detach(); attached.set(place, make(place, page, words)); },
    show(place, raw) { attached.get(place)?.show(raw); },
    look(place, view, from, hours, chosen) { attached.get(place)?.look(view, from, hours, chosen); },
    some: (x, y) => attached.get(document.querySelector('.gantt'))?.some(x, y),
    where: id => attached.get(document.querySelector('.gantt'))?.place(id),
    detach(place) { attached.get(place)?.detach(); attached.delete(place); },
  };
})();
