/* Tendover. Sealing in the browser with WebCrypto, as casework/bids/{container,envelope,keys,papercode}.py do it.
   Nothing here sends anything anywhere; bidroom.js and keyroom.js do. For Chromium 86 (360, QQ) and later. */
(function () {
  'use strict';
  const subtle = window.crypto && window.isSecureContext ? crypto.subtle : null;
  const EC = { name: 'ECDH', namedCurve: 'P-256' }, MIB = 1 << 20, STEP = 4 * MIB, MOST = 100 * MIB, ROUNDS = 600000;
  const text = s => new TextEncoder().encode(s), words = b => new TextDecoder().decode(b);
  const random = n => crypto.getRandomValues(new Uint8Array(n));
  const hex = b => Array.from(new Uint8Array(b), x => x.toString(16).padStart(2, '0')).join('');
  const unhex = s => Uint8Array.from(s.match(/../g) || [], x => parseInt(x, 16));
  const sha256 = async b => hex(await subtle.digest('SHA-256', b));
  const xor = (a, b) => a.map((x, i) => x ^ b[i]);
  function join(...parts) {
    const whole = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
    parts.reduce((at, p) => (whole.set(p, at), at + p.length), 0);
    return whole;
  }
  const length = n => { const b = new Uint8Array(4); new DataView(b.buffer).setUint32(0, n); return b; };

  /* -- the container: typed answers and files in padded bytes -- */
  function paddedSize(size) {
    if (size > MOST) throw new RangeError('size');
    for (let bound = 64 << 10; bound <= STEP; bound *= 2) if (size <= bound) return bound;
    return Math.ceil(size / STEP) * STEP;
  }
  async function pack(about, typed, files) {
    const listed = [];
    for (const f of files) listed.push({ key: f.key, name: f.name, size: f.data.length, sha256: await sha256(f.data) });
    const list = text(JSON.stringify({ about, typed, files: listed }));
    const size = 8 + list.length + files.reduce((n, f) => n + f.data.length, 0);
    const whole = new Uint8Array(paddedSize(size));
    [text('TDB1'), length(list.length), list, ...files.map(f => f.data)].reduce((at, p) => (whole.set(p, at), at + p.length), 0);
    return whole;
  }

  /* -- the envelope: one fresh key, shared among every k of n holders -- */
  function groups(n, k) {
    const found = [];
    (function take(from, chosen) {
      if (chosen.length === k) { found.push(chosen); return; }
      for (let i = from; i < n; i++) take(i + 1, chosen.concat(i));
    })(0, []);
    return found;
  }
  const aadOf = to => text(['tendover-bid-1', to.tender, to.pseudonym, to.form, to.documents].join('|'));
  const aes = raw => subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
  const gcm = (iv, aad) => ({ name: 'AES-GCM', iv, additionalData: aad });
  async function derived(privateKey, publicRaw, salt, info) {
    const other = await subtle.importKey('raw', publicRaw, EC, false, []);
    const shared = await subtle.deriveBits({ name: 'ECDH', public: other }, privateKey, 256);
    const base = await subtle.importKey('raw', shared, 'HKDF', false, ['deriveBits']);
    return aes(await subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt, info }, base, 256));
  }
  async function seal(plain, to) {
    const key = random(32), iv = random(12), aad = aadOf(to), publics = to.publics.map(unhex);
    const mine = await subtle.generateKey(EC, true, ['deriveBits']);
    const epk = new Uint8Array(await subtle.exportKey('raw', mine.publicKey)), shares = [], holders = [];
    for (const p of publics) holders.push((await sha256(p)).slice(0, 32));
    for (const group of groups(publics.length, to.needed)) {
      const parts = group.slice(1).map(() => random(32)), sealed = [];
      parts.push(parts.reduce(xor, key));
      for (let i = 0; i < group.length; i++) {
        const info = join(aad, text('|' + group.join(',') + '|' + group[i])), nonce = random(12);
        const wrap = await derived(mine.privateKey, publics[group[i]], join(epk, publics[group[i]]), info);
        sealed.push({ iv: hex(nonce), ct: hex(await subtle.encrypt(gcm(nonce, aad), wrap, parts[i])), sha256: await sha256(parts[i]) });
      }
      shares.push(sealed);
    }
    const header = text(JSON.stringify({
      v: 1, tender: to.tender, pseudonym: to.pseudonym, form: to.form, documents: to.documents, needed: to.needed,
      holders, iv: hex(iv), epk: hex(epk), key_sha256: await sha256(key), shares
    }));
    const body = new Uint8Array(await subtle.encrypt(gcm(iv, aad), await aes(key), plain));
    return join(text('TDE1'), length(header.length), header, body);
  }

  /* -- a draft, under a key that only this browser holds -- */
  const draftPadded = n => { let size = 16 << 10; while (size < n) size *= 2; return size; };
  async function lock(raw, plain) {
    const iv = random(12), whole = new Uint8Array(draftPadded(plain.length + 32) - 28);
    whole.set(length(plain.length));
    whole.set(plain, 4);
    return join(iv, new Uint8Array(await subtle.encrypt({ name: 'AES-GCM', iv }, await aes(raw), whole)));
  }
  async function unlock(raw, data) {
    const whole = new Uint8Array(await subtle.decrypt({ name: 'AES-GCM', iv: data.slice(0, 12) }, await aes(raw), data.slice(12)));
    return whole.slice(4, 4 + new DataView(whole.buffer).getUint32(0));
  }

  /* -- keys of holders -- */
  async function stretched(word, salt, rounds) {
    const base = await subtle.importKey('raw', text(word), 'PBKDF2', false, ['deriveBits']);
    return aes(await subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations: rounds }, base, 256));
  }
  async function wrap(pkcs8, word) {
    const salt = random(16), iv = random(12);
    const ct = await subtle.encrypt(gcm(iv, text('tendover-key-1')), await stretched(word, salt, ROUNDS), pkcs8);
    return { rounds: ROUNDS, salt: hex(salt), iv: hex(iv), ct: hex(ct) };
  }
  async function unwrap(kept, word) {                      // rejects when the word is another one
    const key = await stretched(word, unhex(kept.salt), kept.rounds);
    return new Uint8Array(await subtle.decrypt(gcm(unhex(kept.iv), text('tendover-key-1')), key, unhex(kept.ct)));
  }
  async function newKey() {
    const pair = await subtle.generateKey(EC, true, ['deriveBits']);
    return { pkcs8: new Uint8Array(await subtle.exportKey('pkcs8', pair.privateKey)), public: hex(await subtle.exportKey('raw', pair.publicKey)) };
  }
  async function solve(pkcs8, publicHex, riddle) {
    const key = await subtle.importKey('pkcs8', pkcs8, EC, false, ['deriveBits']), epk = unhex(riddle.epk);
    const open = await derived(key, epk, join(epk, unhex(publicHex)), text('tendover-riddle-1'));
    return hex(await subtle.decrypt({ name: 'AES-GCM', iv: unhex(riddle.iv) }, open, unhex(riddle.ct)));
  }

  /* -- the recovery code on paper: four lines of seven signs and one that checks them -- */
  const SIGNS = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';
  const check = (line, number) => SIGNS[(Array.from(line).reduce((n, s, i) => n + (i + 1) * SIGNS.indexOf(s), 0) + 8 * number) % 31];
  function sign() { let b; do b = random(1)[0]; while (b >= 248); return SIGNS[b % 31]; }
  function newCode() {
    return [1, 2, 3, 4].map(n => { const line = Array.from({ length: 7 }, sign).join(''), whole = line + check(line, n); return whole.slice(0, 4) + '-' + whole.slice(4); }).join('\n');
  }
  function readCode(typed) {                               // {code} or {have} or {wrong: [line numbers]}
    const signs = typed.toUpperCase().replace(/[^0-9A-Z]/g, '');
    if (signs.length !== 32) return { have: signs.length };
    const lines = signs.match(/.{8}/g);
    const wrong = [1, 2, 3, 4].filter(n => Array.from(lines[n - 1]).some(s => !SIGNS.includes(s)) || check(lines[n - 1].slice(0, 7), n) !== lines[n - 1][7]);
    return wrong.length ? { wrong } : { code: signs };
  }

  window.sealing = { able: !!subtle, pack, seal, paddedSize, lock, unlock, wrap, unwrap, newKey, solve, newCode, readCode, sha256, hex, unhex, random, text, words, MOST };
})();
