/* Tendover. The worker of the offline sheets. It has one page, the empty sheet, and the files that page needs; VERSION
   and FILES stand above this line (blueprints/sheets.py). A new version replaces the old one whole. Everything else
   of the house goes past it to the server, signal or not. */
const NAME = 'sheet-' + VERSION, PAGE = FILES[0];

self.addEventListener('install', event => event.waitUntil((async () => {
  const cache = await caches.open(NAME);
  await cache.addAll(FILES.map(file => new Request(file, { cache: 'reload' })));
  await self.skipWaiting();
})()));

self.addEventListener('activate', event => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name.startsWith('sheet-') && name !== NAME) await caches.delete(name);
  await self.clients.claim();
})()));

self.addEventListener('fetch', event => {
  const request = event.request, address = new URL(request.url), path = address.pathname;
  if (request.method !== 'GET' || address.origin !== location.origin) return;
  const sheet = request.mode === 'navigate' && path.startsWith(PAGE) && /^\d*$/.test(path.slice(PAGE.length));
  const file = FILES.includes(path + address.search) && path !== PAGE;
  if (!sheet && !file) return;
  event.respondWith((async () => {
    const kept = await caches.match(sheet ? PAGE : request.url, { cacheName: NAME });   // opens none that is gone
    return kept || fetch(request);
  })());
});
