// The history explorer's store: sums of signals in tiles, states and marks of machines. A tile of a step is asked for once,
// kept, and asked for again when it may have grown; while it is on its way, coarser or finer tiles stand in.
window.ieumExploreData = (() => {
  'use strict';
  const TILE = 256, MOST = 3000, RENEW = 120e3, HOLD = 250;
  const S = 1000, M = 60 * S, H = 60 * M, D = 24 * H;
  const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, S, 2 * S, 5 * S, 10 * S, 30 * S, M, 2 * M, 5 * M, 10 * M, 15 * M, 30 * M, H, 2 * H, 4 * H, 12 * H, D, 2 * D, 7 * D, 30 * D];
  // More samples than this in one picture take longer to add up than a hand waits; from an hour on the node has the sums ready.
  const ENOUGH = 2.5e6;

  const json = async (path, signal) => {
    const answer = await fetch(path, { credentials: 'same-origin', signal });
    if (!answer.ok) throw Object.assign(new Error((await answer.json().catch(() => ({}))).detail ?? answer.status), { status: answer.status });
    return answer.json();
  };

  class Store {
    constructor(told) { this.told = told; this.tiles = new Map(); this.density = new Map(); this.states = new Map(); this.marks = new Map(); this.flight = null; this.now = Date.now(); this.renew = RENEW; this.asking = { states: new Set(), marks: new Set() }; }

    /// The step a window is drawn in: about one per pixel, but never so fine that millions of samples have to be added up.
    stepFor(view, width, signals) {
      const span = view.to - view.from;
      let i = STEPS.findIndex(s => span / s <= Math.max(300, width));
      if (i < 0) i = STEPS.length - 1;
      const samples = signals.reduce((sum, n) => sum + (this.density.get(n) ?? 0) * span, 0);
      if (samples > ENOUGH && STEPS[i] < H && span / H >= 100) i = STEPS.indexOf(H);
      return STEPS[i];
    }

    key(n, step, t) { return `${n}|${step}|${t}`; }

    /// Tiles of a window, in order; where one is missing, the next coarser that is there, else null.
    visible(n, view, step) {
      const found = [];
      for (let t = Math.floor(view.from / (step * TILE)); t * step * TILE < view.to; t++) found.push({ t, step, tile: this.tiles.get(this.key(n, step, t)) ?? null });
      return found;
    }

    standIn(n, from, to, step) {
      for (let s = STEPS.indexOf(step) + 1; s < STEPS.length; s++) {
        const tile = this.tiles.get(this.key(n, STEPS[s], Math.floor(from / (STEPS[s] * TILE))));
        if (tile && (Math.floor(from / (STEPS[s] * TILE)) + 1) * STEPS[s] * TILE >= to) return { tile, step: STEPS[s] };
      }
      return null;
    }

    isDue(tile, end) {
      if (!tile) return true;
      const age = performance.now() - tile.at;
      return end > this.now ? age > 900 : age > this.renew;
    }

    /// Fetches what a window lacks; one question at a time, so a fast hand does not pile them up. True when nothing lacks.
    want(view, step, signals, live) {
      const lacking = new Map();
      for (const n of signals)
        for (const { t, tile } of this.visible(n, view, step))
          if (!tile || (this.isDue(tile, (t + 1) * step * TILE) && (live || (t + 1) * step * TILE <= this.now || performance.now() - tile.at > 5000)))
            lacking.set(t, (lacking.get(t) ?? new Set()).add(n));
      const missing = [...lacking].some(([t, ns]) => [...ns].some(n => !this.tiles.has(this.key(n, step, t))));
      if (lacking.size && (!this.flight || (missing && this.flight.step !== step && performance.now() - this.flight.at > 120))) this.ask(step, lacking);
      return !missing;
    }

    async ask(step, lacking) {
      this.flight?.stop.abort();
      const flight = this.flight = { step, at: performance.now(), stop: new AbortController() };
      // One run of tiles per question, all signals together.
      const all = [...lacking.keys()].sort((a, b) => a - b), first = all[0], count = Math.min(32, all[all.length - 1] - first + 1);
      const signals = [...new Set([...lacking.values()].flatMap(s => [...s]))].slice(0, 16);
      try {
        const answer = await json(`/api/v1/explore/tiles?signals=${signals.join(',')}&step=${step}&first=${Math.max(0, first)}&count=${count}`, flight.stop.signal);
        this.now = answer.now;
        for (const { n, tiles } of answer.signals) {
          let points = 0;
          tiles.forEach((tile, k) => {
            const sum = tile.c.reduce((a, b) => a + b, 0);
            points += sum;
            if (sum) this.density.set(n, Math.max(sum / (step * TILE), (this.density.get(n) ?? 0) * .5));
            const key = this.key(n, step, Math.max(0, first) + k);
            this.tiles.delete(key);
            this.tiles.set(key, { ...tile, at: performance.now() });
          });
          flight.points = (flight.points ?? 0) + points;
        }
        for (const key of this.tiles.keys()) { if (this.tiles.size <= MOST) break; this.tiles.delete(key); }
        this.failed = null;
      } catch (e) {
        if (e.name === 'AbortError') return;
        this.failed = e.message;
        await new Promise(done => setTimeout(done, 1500));
      } finally {
        if (this.flight === flight) { this.flight = null; this.told(); }
      }
    }

    /// States and marks of a machine for a little more than the window, so that a small move needs no question.
    around(kind, machine, view, renew) {
      const span = view.to - view.from, kept = this[kind].get(machine);
      const covers = kept && kept.from <= view.from && kept.to >= view.to && kept.to - kept.from <= span * 4
        && (kind === 'marks' || (kept.to - kept.from <= 2 * D) === (span * 1.5 <= 2 * D) || !kept.answer.spans.length);
      const old = kept && performance.now() - kept.at > (kept.answer.pending ? 150 : renew && kept.to >= this.now ? 1000 : this.renew);
      // Signals first: while they are on their way the node is not asked for states and marks too, but no longer than a hand notices.
      if ((!covers || old) && this.flight && performance.now() - (this.heldSince ??= performance.now()) < HOLD) return kept?.answer ?? null;
      if ((!covers || old) && !this.asking[kind].has(machine)) {
        if (!this.flight) this.heldSince = null;
        this.asking[kind].add(machine);
        const pad = span * .25, from = Math.max(0, Math.floor(view.from - pad)), to = Math.ceil(view.to + pad);
        json(`/api/v1/explore/${kind}?machine=${encodeURIComponent(machine)}&from=${from}&to=${to}`)
          .then(answer => { this.now = Math.max(this.now, answer.now); this[kind].set(machine, { from, to, answer, at: performance.now() }); }, () => new Promise(done => setTimeout(done, 1500)))
          .finally(() => { this.asking[kind].delete(machine); this.told(); });
      }
      return kept?.answer ?? null;
    }

    covers(kind, machine, view) { const kept = this[kind].get(machine); return !!kept && kept.from <= view.from && kept.to >= view.to; }

    /// First and last instant at which a signal has anything.
    async extent(signals) {
      const step = 30 * D, first = Math.floor(Date.UTC(1990, 0) / (step * TILE));
      const answer = await json(`/api/v1/explore/tiles?signals=${signals.join(',')}&step=${step}&first=${first}&count=3`);
      const times = answer.signals.flatMap(s => s.tiles.flatMap((tile, k) => tile.i.map(i => ((first + k) * TILE + i) * step)));
      return times.length ? { from: Math.min(...times), to: Math.min(Math.max(...times) + step, answer.now) } : null;
    }
  }

  return { Store, TILE, STEPS, S, M, H, D };
})();
