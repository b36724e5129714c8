// Subscribes this browser to calls for help, and shows on the page whether it can and does.
window.ieumPush = (() => {
  'use strict';
  const can = () => window.isSecureContext && 'serviceWorker' in navigator && 'PushManager' in window;
  const worker = () => navigator.serviceWorker.register('/push-worker.js');
  const post = (path, body) => fetch(`/api/v1/push/${path}`, { method: 'POST', credentials: 'same-origin', headers: { 'Content-Type': 'application/json', 'X-Ieum-Request': '1' }, body: JSON.stringify(body) });
  const text = bytes => btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  const bytes = s => Uint8Array.from(atob(s.replaceAll('-', '+').replaceAll('_', '/')), c => c.charCodeAt(0));
  const device = () => (navigator.userAgentData ? `${navigator.userAgentData.platform} ${navigator.userAgentData.brands.at(-1)?.brand ?? ''}` : navigator.userAgent.match(/iPhone|iPad|Android|Windows|Mac|Linux/)?.[0] ?? '').trim();
  return {
    /// 'insecure', 'unable', 'denied', 'off', or the address of this browser's subscription.
    async state() {
      if (!window.isSecureContext) return 'insecure';
      if (!can()) return 'unable';
      if (Notification.permission === 'denied') return 'denied';
      const there = await navigator.serviceWorker.getRegistration('/');
      return (await there?.pushManager.getSubscription())?.endpoint ?? 'off';
    },
    async subscribe(key, language, from) {
      try {
        if (await Notification.requestPermission() !== 'granted') return 'denied';
        const there = await worker();
        await navigator.serviceWorker.ready;
        const s = await there.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) });
        const answer = await post('subscriptions', { endpoint: s.endpoint, p256dh: text(s.getKey('p256dh')), auth: text(s.getKey('auth')), language, from, device: device() });
        if (answer.ok) return s.endpoint;
        await s.unsubscribe();
        return 'refused';
      } catch (e) { return `failed ${e.message}`; }
    },
    async unsubscribe() { const there = await navigator.serviceWorker?.getRegistration('/'); await (await there?.pushManager.getSubscription())?.unsubscribe(); },
  };
})();
