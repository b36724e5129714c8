// Small things every page needs: theme, reload, the line that says since when the picture is old.
(() => {
  'use strict';
  const root = document.documentElement;
  const dark = () => root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  const mark = () => document.querySelectorAll('[data-theme-to]').forEach(b => b.setAttribute('aria-pressed', String((b.dataset.themeTo === 'dark') === dark())));

  document.addEventListener('click', e => {
    const theme = e.target.closest?.('[data-theme-to]');
    if (theme) {
      root.dataset.theme = theme.dataset.themeTo;
      document.cookie = `ieum.theme=${theme.dataset.themeTo};path=/;max-age=31536000;samesite=lax`;
      // Signed in, the choice follows the person to other devices; without network this browser's cookie keeps it.
      if ('account' in root.dataset) fetch('/api/v1/me', { method: 'PUT', headers: { 'Content-Type': 'application/json', 'X-Ieum-Request': '1' }, body: JSON.stringify({ darkMode: theme.dataset.themeTo === 'dark' }) }).catch(() => {});
      mark();
      document.dispatchEvent(new Event('ieum:theme'));
    }
    if (e.target.closest?.('[data-reload]')) location.reload();
  });

  const lost = document.getElementById('components-reconnect-modal');
  let since = null;
  const states = ['components-reconnect-show', 'components-reconnect-retrying', 'components-reconnect-failed', 'components-reconnect-rejected', 'components-reconnect-paused', 'components-reconnect-resume-failed'];
  // The server forgot this page (restart): when it answers again, one reload brings everything back, because the address holds the state.
  const reloadWhenBack = () => fetch('/icon.svg', { cache: 'no-store' }).then(() => location.reload(), () => setTimeout(reloadWhenBack, 3000));
  const watch = () => {
    const down = states.some(s => lost.classList.contains(s));
    lost.classList.toggle('shown', down);
    if (down && since === null) {
      since = new Date();
      const at = since.toLocaleTimeString(lost.dataset.lang, { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });
      lost.querySelector('.lost-body').textContent = lost.dataset.template.replace('\u0001', at);
    }
    if (!down) since = null;
    if (lost.classList.contains('components-reconnect-rejected') && !lost.dataset.waiting) { lost.dataset.waiting = '1'; reloadWhenBack(); }
    if (lost.classList.contains('components-reconnect-failed')) setTimeout(() => Blazor.reconnect?.(), 3000);
  };
  if (lost) new MutationObserver(watch).observe(lost, { attributes: true, attributeFilter: ['class'] });

  Blazor.start({ circuit: { reconnectionOptions: { maxRetries: 1000000, retryIntervalMilliseconds: n => Math.min(500 * 2 ** Math.min(n, 4), 5000) } } })
    .then(() => { root.dataset.ready = '1'; mark(); });
  new MutationObserver(mark).observe(document.body, { childList: true, subtree: false });
  mark();
})();
