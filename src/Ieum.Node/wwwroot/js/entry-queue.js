// What is entered on the page of a machine is kept first and sent then, in order, as shop-queue.js does it: a lost network
// loses nothing, and because every entry carries its own id, sending it twice counts once.
(() => {
  'use strict';
  const KEY = 'ieum.entries', REFUSED = 'ieum.entries-refused';
  const read = k => { try { return JSON.parse(localStorage.getItem(k)) ?? []; } catch { return []; } };
  const write = (k, v) => localStorage.setItem(k, JSON.stringify(v));
  let sending = false, signIn = false;
  // crypto.randomUUID needs a secure context; a phone on the shop floor may come by plain http.
  const uuid = () => {
    const b = crypto.getRandomValues(new Uint8Array(16));
    b[6] = b[6] & 15 | 64; b[8] = b[8] & 63 | 128;
    return [...b].map((x, i) => ([4, 6, 8, 10].includes(i) ? '-' : '') + x.toString(16).padStart(2, '0')).join('');
  };
  // Factory time as the page last told it; it may differ from the phone's clock.
  let told = '', offset = 0;
  const observe = () => {
    const now = document.querySelector('[data-entries]')?.dataset.factoryNow ?? '';
    if (now && now !== told) { told = now; offset = Number(now) - Date.now(); }
  };
  const note = (css, text) => Object.assign(document.createElement('p'), { className: css, textContent: text });

  async function send() {
    if (sending) return;
    sending = true;
    try {
      for (let queue = read(KEY); queue.length; queue = read(KEY)) {
        const { machine, ...entry } = queue[0];
        const response = await fetch(`/api/v1/machines/${encodeURIComponent(machine)}/entries`, {
          method: 'POST', credentials: 'same-origin', headers: { 'Content-Type': 'application/json', 'X-Ieum-Request': '1' }, body: JSON.stringify(entry),
        });
        signIn = response.status === 401;
        if (signIn || response.status >= 500 || response.status === 429) return;
        const answer = await response.json().catch(() => ({}));
        if (!response.ok) write(REFUSED, [...read(REFUSED), { what: `${entry.point}: ${entry.value}`, rule: answer.rule, message: answer.detail ?? String(response.status) }].slice(-5));
        write(KEY, read(KEY).filter(e => e.id !== entry.id));
      }
    } catch { /* no network: the queue stays and is tried again */ }
    finally { sending = false; paint(); }
  }

  function paint() {
    observe();
    const queue = read(KEY), refused = read(REFUSED);
    document.querySelectorAll('[data-entry-queue]').forEach(place => {
      const shown = JSON.stringify([queue.length, refused, signIn]);
      if (place.dataset.shown === shown) return;
      place.dataset.shown = shown;
      const lines = [], rules = JSON.parse(place.dataset.rules || '{}');
      if (queue.length) lines.push(note('note warn', (signIn ? place.dataset.signin : place.dataset.queued).replace('\u0001', queue.length)));
      for (const r of refused) lines.push(note('note bad', `${r.what} · ${rules[r.rule] ?? r.message}`));
      if (refused.length) {
        const button = Object.assign(document.createElement('button'), { type: 'button', className: 'btn tall', textContent: place.dataset.dismiss });
        button.onclick = () => { write(REFUSED, []); paint(); };
        lines.push(button);
      }
      place.replaceChildren(...lines);
    });
  }

  document.addEventListener('click', e => {
    const button = e.target.closest?.('[data-enter]'), point = button?.closest('[data-point]');
    if (!point) return;
    const input = point.querySelector('[name=entry]');
    const value = button.dataset.enter || input?.value.trim();
    if (!value) { input?.focus(); return; }
    observe();
    const entry = { machine: point.dataset.machine, id: uuid(), point: point.dataset.point, value, at: new Date(Date.now() + offset).toISOString() };
    if (button.dataset.reason) entry.reason = button.dataset.reason;
    write(KEY, [...read(KEY), entry]);
    if (input) input.value = '';
    const said = point.querySelector('[data-said]');
    if (said) said.textContent = `✓ ${button.dataset.label || value}`;
    paint();
    send();
  });
  addEventListener('online', send);
  setInterval(() => { paint(); if (read(KEY).length) send(); }, 1000);
})();
