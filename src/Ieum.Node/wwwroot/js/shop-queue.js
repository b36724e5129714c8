// What an operator presses is kept first and sent then, in order: a lost network loses nothing, and because every
// event carries its own id, sending it twice is harmless.
(() => {
  'use strict';
  const KEY = 'ieum.shop-events', REFUSED = 'ieum.shop-refused';
  const read = k => { try { return JSON.parse(localStorage.getItem(k)) ?? []; } catch { return []; } };
  const write = (k, v) => localStorage.setItem(k, JSON.stringify(v));
  let sending = false, signIn = false;

  // Factory time between two paints of the page: it may run faster than real time, so its pace is measured.
  let first = null, last = null;
  const observe = () => {
    const place = document.querySelector('[data-factory-now]');
    if (!place) { first = last = null; return; }
    const factory = Number(place.dataset.factoryNow);
    if (!last || factory !== last.factory) { last = { factory, real: performance.now() }; first ??= last; }
  };
  const now = () => {
    observe();
    if (!last) return new Date().toISOString();
    const pace = last.real - first.real > 1500 ? (last.factory - first.factory) / (last.real - first.real) : 1;
    return new Date(last.factory + (performance.now() - last.real) * pace).toISOString();
  };
  // crypto.randomUUID needs a secure context; a phone on the shop floor may come by plain http.
  const uuid = () => {
    const b = crypto.getRandomValues(new Uint8Array(16));
    b[6] = b[6] & 15 | 64; b[8] = b[8] & 63 | 128;
    return [...b].map((x, i) => ([4, 6, 8, 10].includes(i) ? '-' : '') + x.toString(16).padStart(2, '0')).join('');
  };

  const refuse = (event, rule, message) => write(REFUSED, [...read(REFUSED), { operation: event.operation, rule, message }].slice(-5));
  async function send() {
    if (sending) return;
    sending = true;
    try {
      for (let queue = read(KEY); queue.length; queue = read(KEY)) {
        const { path, ...event } = queue[0];
        const response = await fetch(path ?? '/api/v1/shop/events', {
          method: 'POST', credentials: 'same-origin', headers: { 'Content-Type': 'application/json', 'X-Ieum-Request': '1' }, body: JSON.stringify(event),
        });
        signIn = response.status === 401;
        if (signIn || response.status >= 500 || response.status === 429) return;
        const answer = await response.json().catch(() => ({}));
        if (!response.ok || answer.accepted === false) refuse(event, answer.rule, answer.message ?? answer.detail ?? answer.title ?? String(response.status));
        write(KEY, read(KEY).filter(e => e.id !== event.id));
      }
    } catch { /* no network: the queue stays and is tried again */ }
    finally { sending = false; paint(); }
  }

  function paint() {
    observe();
    const queue = read(KEY), waiting = new Set(queue.filter(e => !e.path).map(e => e.operation));
    document.querySelectorAll('[data-lot-pick]').forEach(showOther);   // a number that was written becomes a choice
    document.querySelectorAll('[data-job]').forEach(j => j.toggleAttribute('data-pending', waiting.has(j.dataset.operation)));
    document.querySelectorAll('[data-shop-queue]').forEach(place => {
      const refused = read(REFUSED), shown = JSON.stringify([queue.length, refused, signIn]);
      if (place.dataset.shown === shown && place.childElementCount) return;
      place.dataset.shown = shown;
      const lines = [];
      if (queue.length) lines.push(note('note warn', (signIn ? place.dataset.signin : place.dataset.queued).replace('\u0001', queue.length)));
      const rules = JSON.parse(place.dataset.rules || '{}');
      for (const r of refused) lines.push(note('note bad', place.dataset.refused.replace('\u0001', `${r.operation} · ${rules[r.rule] ?? r.message}`)));
      if (refused.length) {
        const button = Object.assign(document.createElement('button'), { type: 'button', className: 'btn tall', textContent: place.dataset.dismiss });
        button.onclick = () => { write(REFUSED, []); paint(); };
        lines.push(button);
      }
      place.replaceChildren(...lines);
    });
  }
  const note = (css, text) => Object.assign(document.createElement('p'), { className: css, textContent: text });

  /** The lot that a report names: nothing where the page offers none, null while another number is still to be written. */
  function lotOf(place) {
    const pick = place.querySelector('[data-lot-pick]');
    if (!pick) return {};
    const chosen = pick.querySelector('[data-lot]').value, field = pick.querySelector('[data-lot-new]');
    if (chosen) return { lot: chosen };
    const written = field.value.trim();
    field.toggleAttribute('aria-invalid', !written);
    if (written) return { lot: written };
    field.focus();
    return null;
  }

  const showOther = pick => { pick.querySelector('[data-lot-new]').hidden = pick.querySelector('[data-lot]').value !== ''; };

  /** The dialog begins with the lot that stands on the card. */
  function followCard(card, dialog) {
    const [from, to] = [card, dialog].map(p => p?.querySelector('[data-lot-pick]'));
    if (!from || !to || from === to) return;
    for (const part of ['[data-lot]', '[data-lot-new]']) to.querySelector(part).value = from.querySelector(part).value;
    showOther(to);
  }

  document.addEventListener('change', e => {
    const pick = e.target.closest?.('[data-lot-pick]');
    if (!pick) return;
    showOther(pick);
    if (e.target.matches('[data-lot]') && !e.target.value) pick.querySelector('[data-lot-new]').focus();
    // Another lot is counted from its first piece.
    if (!pick.closest('dialog')) { const piece = pick.closest('[data-job]')?.querySelector('[name=piece]'); if (piece) piece.value = 1; }
  });

  /** What lies outside its limits is told at once, network or not; the values go the way of every report. */
  function measure(sheet, job) {
    const values = {}, outside = [], said = sheet.querySelector('[data-said]');
    let wrong = null;
    for (const input of sheet.querySelectorAll('[data-characteristic]')) {
      const text = input.value.trim().replace(',', '.'), number = Number(text);
      input.removeAttribute('aria-invalid');
      if (!text) continue;
      if (!Number.isFinite(number)) { input.setAttribute('aria-invalid', 'true'); wrong ??= input; continue; }
      values[input.dataset.characteristic] = number;
      const { lower, upper } = input.dataset;
      if (lower && number < Number(lower) || upper && number > Number(upper)) { outside.push(`${input.dataset.characteristic} ${number} (${lower ?? '–'} … ${upper ?? '–'})`); input.setAttribute('aria-invalid', 'true'); }
    }
    if (wrong || !Object.keys(values).length) { (wrong ?? sheet.querySelector('[data-characteristic]'))?.focus(); return; }
    const piece = sheet.querySelector('[name=piece]'), lot = lotOf(job);
    if (!lot) return;
    write(KEY, [...read(KEY), { path: '/api/v1/shop/measurements', id: uuid(), ...lot, operation: job.dataset.operation, piece: Math.max(1, Number.parseInt(piece.value, 10) || 1), values, at: now() }]);
    said.className = `instruct-said note ${outside.length ? 'bad' : 'good'}`;
    said.textContent = outside.length ? sheet.dataset.outside.replace('\u0001', outside.join(', ')) : sheet.dataset.inside;
    if (!outside.length) { for (const input of sheet.querySelectorAll('[data-characteristic]')) input.value = ''; piece.value = (Number.parseInt(piece.value, 10) || 1) + (Number(sheet.dataset.every) || 1); }
    paint();
    send();
  }

  document.addEventListener('click', e => {
    const button = e.target.closest?.('[data-shop], [data-open], [data-shut], [data-step], [data-measure]'), job = button?.closest('[data-job]');
    if (!job) return;
    const dialog = button.closest('dialog');
    if (button.dataset.open) {
      const opened = job.querySelector(`[data-dialog=${button.dataset.open}]`);
      followCard(job, opened);
      opened?.showModal();
    }
    if ('shut' in button.dataset) dialog.close();
    if (button.dataset.step) {
      const input = button.parentElement.querySelector('input');
      input.value = Math.max(0, (Number.parseInt(input.value, 10) || 0) + Number(button.dataset.step));
    }
    if ('measure' in button.dataset) measure(button.closest('[data-inspect]'), job);
    if (button.dataset.shop) {
      const lot = button.dataset.shop === 'paused' ? {} : lotOf(dialog ?? job);
      if (!lot) return;
      const event = { id: uuid(), event: button.dataset.shop, operation: job.dataset.operation, machine: job.dataset.machine, at: now(), ...lot };
      if (event.event === 'paused') event.reason = button.dataset.reason;
      if (event.event === 'finished' || event.event === 'lotFinished') for (const name of ['good', 'scrap']) event[name] = Math.max(0, Number.parseInt(dialog.querySelector(`[name=${name}]`).value, 10) || 0);
      write(KEY, [...read(KEY), event]);
      dialog?.close();
      paint();
      send();
    }
  });
  addEventListener('online', send);
  setInterval(() => { paint(); if (read(KEY).length) send(); }, 1000);
})();
