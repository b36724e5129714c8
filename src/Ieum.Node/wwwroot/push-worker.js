// Shows calls for help on a phone while no page is open, and lets one say "I am coming" from the notification.
'use strict';
self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', e => e.waitUntil(self.clients.claim()));

self.addEventListener('push', e => {
  const told = e.data?.json() ?? {};
  e.waitUntil(self.registration.showNotification(told.title ?? 'Ieum', {
    body: told.body, tag: told.tag, data: told, icon: '/icon.svg', silent: !!told.quiet, renotify: !told.quiet && !!told.tag, requireInteraction: !!told.answer,
    actions: told.answer ? [{ action: 'answer', title: told.answerWord }] : [],
  }));
});

self.addEventListener('notificationclick', e => {
  const told = e.notification.data ?? {};
  e.notification.close();
  e.waitUntil((async () => {
    if (e.action === 'answer') {
      const done = await fetch(told.answer, { method: 'POST', credentials: 'same-origin', headers: { 'X-Ieum-Request': '1' } }).then(r => r.ok, () => false);
      if (done) return self.registration.showNotification(told.title, { body: told.answered, tag: told.tag, silent: true });
      await self.registration.showNotification(told.title, { body: told.unanswered, tag: told.tag, data: told });
    }
    const open = (await self.clients.matchAll({ type: 'window' })).find(c => 'focus' in c);
    return open ? open.navigate(told.url ?? '/').then(c => c?.focus()) : self.clients.openWindow(told.url ?? '/');
  })());
});
