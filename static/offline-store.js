/* Tendover. What an offline sheet keeps on this device: the store, one key a person, and what is sealed with it.
   What protects it and what does not is in SECURITY.md. */
(function () {
  'use strict';
  const subtle = window.crypto.subtle;
  const hex = bytes => Array.from(new Uint8Array(bytes), b => b.toString(16).padStart(2, '0')).join('');
  const unhex = text => new Uint8Array(text.match(/../g).map(pair => parseInt(pair, 16)));
  const random = n => window.crypto.getRandomValues(new Uint8Array(n));
  const utf8 = text => new TextEncoder().encode(text);

  /* -- the store of this device: about, keys (one a person), sheets, answers, photos and, apart, their pixels -- */
  const settled = request => new Promise((yes, no) => { request.onsuccess = () => yes(request.result); request.onerror = () => no(request.error); });
  let opened;
  function open() {
    return opened = opened || new Promise((yes, no) => {
      const request = indexedDB.open('tendover-sheets', 1);
      request.onupgradeneeded = () => {
        for (const [name, path] of [['about', 'name'], ['keys', 'user'], ['sheets', 'id'], ['answers', 'id'], ['photos', 'id'], ['pixels', 'id']]) request.result.createObjectStore(name, { keyPath: path });
      };
      request.onsuccess = () => yes(request.result);
      request.onerror = () => no(request.error);
    });
  }
  const read = async (name, id) => settled((await open()).transaction(name).objectStore(name)[id === undefined ? 'getAll' : 'get'](id));
  async function write(work) {                             // all of it or nothing, and on the disk before it is said
    const change = (await open()).transaction(['about', 'keys', 'sheets', 'answers', 'photos', 'pixels'], 'readwrite', { durability: 'strict' });
    work(name => change.objectStore(name));
    await new Promise((yes, no) => { change.oncomplete = yes; change.onabort = change.onerror = () => no(change.error); });
  }

  /* -- keys: one for each person, opened by their code, or by the server while they are signed in -- */
  const open_keys = {};                                    // by person; only in memory
  const fromCode = async (code, salt) => subtle.deriveKey({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations: 600000 },
    await subtle.importKey('raw', utf8(code.normalize('NFKC')), 'PBKDF2', false, ['deriveKey']), { name: 'AES-KW', length: 256 }, false, ['wrapKey', 'unwrapKey']);
  const fromServer = half => subtle.importKey('raw', unhex(half), 'AES-KW', false, ['wrapKey', 'unwrapKey']);
  const unwrap = (wrapped, by) => subtle.unwrapKey('raw', wrapped, by, 'AES-KW', 'AES-GCM', false, ['encrypt', 'decrypt']);
  async function makeKey(user, half, code) {
    const key = await subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, ['encrypt', 'decrypt']), salt = random(16);
    const wrap = by => subtle.wrapKey('raw', key, by, 'AES-KW');
    const kept = { user, salt, code: await wrap(await fromCode(code, salt)), server: await wrap(await fromServer(half)) };
    open_keys[user] = await unwrap(kept.server, await fromServer(half));
    return kept;
  }
  async function tryCode(code) {                           // whoever's it is
    let found = false;
    for (const kept of await read('keys')) {
      try { open_keys[kept.user] = await unwrap(kept.code, await fromCode(code, kept.salt)); found = true; } catch (no) { /* not theirs */ }
    }
    return found;
  }
  async function seal(user, id, data) {
    const iv = random(12);
    return { iv, data: await subtle.encrypt({ name: 'AES-GCM', iv, additionalData: utf8(id) }, open_keys[user], data) };
  }
  const unseal = (user, id, sealed) => subtle.decrypt({ name: 'AES-GCM', iv: sealed.iv, additionalData: utf8(id) }, open_keys[user], sealed.data);
  const pixels = async photo => unseal(photo.user, photo.id, (await read('pixels', photo.id)).sealed);
  const sealJson = (user, id, value) => seal(user, id, utf8(JSON.stringify(value)));
  const unsealJson = async (user, id, sealed) => JSON.parse(new TextDecoder().decode(await unseal(user, id, sealed)));

  window.tendover.store = { hex, random, read, write, open_keys, fromServer, unwrap, makeKey, tryCode, seal, pixels, sealJson, unsealJson };
})();
