// What a Gantt knows of a plan: rows, bars, closed time and load, laid out once per plan so that a frame only reads.
window.ieumGanttSheet = (() => {
  'use strict';
  const MIN = 60000, HOUR = 60 * MIN, DAY = 24 * HOUR;
  const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10080, 20160, 40320].map(m => m * MIN);

  /** Closed stretches [a, b, a, b, …] with sums, so that open time of any range is two searches. */
  function calendar(flat) {
    const from = [], to = [], sum = [0];
    for (let i = 0; i < flat.length; i += 2) { from.push(flat[i]); to.push(flat[i + 1]); sum.push(sum[i / 2] + flat[i + 1] - flat[i]); }
    const before = t => { const i = lower(to, t); return sum[i] + (i < from.length && from[i] < t ? t - from[i] : 0); };
    return {
      from, to,
      open: (a, b) => Math.max(0, b - a - (before(b) - before(a))),
      /** The next moment at or after t that is worked. */
      next: t => { const i = lower(to, t + 1); return i < from.length && from[i] <= t ? to[i] : t; },
    };
  }

  /** Index of the first element that is t or more. */
  function lower(list, t) {
    let a = 0, b = list.length;
    while (a < b) { const m = a + b >> 1; if (list[m] < t) a = m + 1; else b = m; }
    return a;
  }

  /** Bars that overlap on one row (lots in a furnace) lie in lanes. */
  function lanes(bars) {
    const ends = [];
    for (const o of bars) {
      let lane = ends.findIndex(e => e <= o.a);
      if (lane < 0) { lane = ends.length; ends.push(0); }
      ends[lane] = o.b;
      o.lane = lane;
    }
    return Math.max(1, ends.length);
  }

  function read(raw) {
    const orders = raw.orders.map((o, i) => ({ ...o, i, bars: [] }));
    const rows = raw.rows.map(r => ({ ...r, bars: [], cal: null }));
    const cals = raw.calendars.map(calendar);
    rows.forEach((r, i) => { r.cal = cals[raw.rows[i].calendar]; });
    const ops = raw.operations.map(o => ({
      id: o.id, order: orders[o.order], step: o.step, name: o.name, row: o.row, a: o.start, b: o.end, run: o.run, pieces: o.pieces,
      state: o.state, late: orders[o.order].late, fragile: orders[o.order].fragile, held: orders[o.order].held, lock: o.lock, can: new Set(o.can), lane: 0,
    }));
    for (const o of ops) { rows[o.row]?.bars.push(o); o.order.bars.push(o); }
    for (const r of rows) { r.bars.sort((x, y) => x.a - y.a || x.step - y.step); r.lanes = lanes(r.bars); r.longest = Math.max(0, ...r.bars.map(o => o.b - o.a)); r.starts = r.bars.map(o => o.a); }
    for (const o of orders) o.bars.sort((x, y) => x.step - y.step || x.a - y.a);
    const listed = orders.filter(o => o.bars.length).sort((x, y) => y.late - x.late || x.due - y.due);
    listed.forEach((o, i) => { o.line = i; });
    return { rows, orders: listed, ops, byId: new Map(ops.map(o => [o.id, o])), now: raw.now, frozen: raw.frozen, edit: raw.edit, range: raw.range, loads: new Map() };
  }

  /** Share of the open time of each bucket that a row works, 0 to 1; reckoned once per bucket size. */
  function load(sheet, row, size) {
    const key = `${row.id}/${size}`;
    let found = sheet.loads.get(key);
    if (found) return found;
    found = new Map();
    // Lots that lie in a furnace together fill its time once.
    let covered = -Infinity;
    for (const o of row.bars) {
      const from = Math.max(o.a, covered);
      covered = Math.max(covered, o.b);
      for (let at = floor(from, size); at < o.b && from < o.b; at += size) {
        const cell = found.get(at) ?? { work: 0, open: row.cal.open(at, at + size) };
        cell.work += row.cal.open(Math.max(at, from), Math.min(at + size, o.b));
        found.set(at, cell);
      }
    }
    sheet.loads.set(key, found);
    return found;
  }

  // The factory's time: UTC+9, no summer time. Weeks begin on Monday.
  const ZONE = 9 * HOUR;
  const floor = (t, step) => { const base = step >= 7 * DAY ? 4 * DAY : 0; return Math.floor((t + ZONE - base) / step) * step + base - ZONE; };
  const stepFor = (ms, width, least) => STEPS.find(s => s / ms * width >= least) ?? STEPS.at(-1);

  /** What stands in the way of a bar at a place, as far as it can be seen from here; the node has the last word. */
  function obstacle(sheet, op, row, start) {
    if (op.state >= 1) return { rule: 'board-begun', stop: true };
    if (!op.can.has(row)) return { rule: 'board-machine-cannot', stop: true };
    if (start < sheet.now) return { rule: 'board-past', stop: true };
    if (sheet.frozen && (start < sheet.frozen || op.a < sheet.frozen)) return { rule: 'board-frozen', stop: true };
    const before = op.order.bars.filter(o => o.step < op.step).reduce((t, o) => Math.max(t, o.b), op.order.release);
    if (start < before) return { rule: 'board-waits', at: before };
    const opens = sheet.rows[row].cal.next(start);
    if (opens > start) return { rule: 'board-closed', at: opens };
    return null;
  }

  return { MIN, HOUR, DAY, ZONE, read, load, floor, stepFor, lower, obstacle };
})();
