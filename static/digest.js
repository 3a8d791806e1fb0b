/* A secret and its SHA-256, made on the page: the secret itself is never sent. Works without https, where the browser offers no WebCrypto. */
(function () {
  'use strict';
  const english = document.documentElement.lang === 'en';
  const say = english
    ? { label: 'Your secret', make: 'Make a secret', keep: 'Write the secret down or save it: it is not sent, and you will be asked for it.', short: 'A secret has 16 to 128 characters.' }
    : { label: '本方密数', make: '生成密数', keep: '请抄录或者保存密数：密数不会提交，公开时须由您填写。', short: '密数应为 16 至 128 个字符。' };
  const K = [], H = [];
  for (let n = 2, found = 0; found < 64; n++) {
    let prime = true;
    for (let d = 2; d * d <= n; d++) if (n % d === 0) { prime = false; break; }
    if (!prime) continue;
    if (found < 8) H.push((Math.pow(n, 1 / 2) * 4294967296) | 0);
    K.push((Math.pow(n, 1 / 3) * 4294967296) | 0);
    found++;
  }
  const turn = (x, n) => (x >>> n) | (x << (32 - n));
  function sha256(text) {
    const bytes = Array.from(new TextEncoder().encode(text)), bits = bytes.length * 8;
    bytes.push(128);
    while (bytes.length % 64 !== 56) bytes.push(0);
    for (let i = 7; i >= 0; i--) bytes.push(i > 3 ? 0 : (bits >>> (i * 8)) & 255);
    let h = H.slice();
    for (let at = 0; at < bytes.length; at += 64) {
      const w = [];
      for (let i = 0; i < 64; i++) {
        if (i < 16) { const j = at + i * 4; w[i] = (bytes[j] << 24) | (bytes[j + 1] << 16) | (bytes[j + 2] << 8) | bytes[j + 3]; continue; }
        const a = w[i - 15], b = w[i - 2];
        w[i] = (w[i - 16] + (turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)) + w[i - 7] + (turn(b, 17) ^ turn(b, 19) ^ (b >>> 10))) | 0;
      }
      let [a, b, c, d, e, f, g, z] = h;
      for (let i = 0; i < 64; i++) {
        const s = (z + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
        const t = (s + (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        [z, g, f, e, d, c, b, a] = [g, f, e, (d + s) | 0, c, b, a, t];
      }
      h = [a, b, c, d, e, f, g, z].map((v, i) => (v + h[i]) | 0);
    }
    return h.map(v => (v >>> 0).toString(16).padStart(8, '0')).join('');
  }
  for (const target of document.querySelectorAll('input[data-digest]')) {
    const box = document.createElement('div'), id = target.id + '-secret';
    box.className = 'field';
    const label = Object.assign(document.createElement('label'), { htmlFor: id, textContent: say.label });
    const hint = Object.assign(document.createElement('p'), { className: 'hint', id: id + '-hint', textContent: say.keep });
    const input = Object.assign(document.createElement('input'), { className: 'in mono', id: id, autocomplete: 'off', spellcheck: false, maxLength: 128 });
    input.setAttribute('aria-describedby', hint.id);
    const button = Object.assign(document.createElement('button'), { type: 'button', className: 'btn sm', textContent: say.make });
    const bar = Object.assign(document.createElement('div'), { className: 'bar' });
    bar.style.marginTop = '8px';
    const fill = () => {
      const secret = input.value.trim(), good = secret.length >= 16;
      target.value = good ? sha256(secret) : '';
      hint.textContent = secret && !good ? say.short : say.keep;
      target.dispatchEvent(new Event('input', { bubbles: true }));
    };
    input.addEventListener('input', event => { event.stopPropagation(); fill(); });
    button.addEventListener('click', () => {
      input.value = Array.from(crypto.getRandomValues(new Uint8Array(16)), v => v.toString(16).padStart(2, '0')).join('');
      fill();
    });
    bar.append(button);
    box.append(label, hint, input, bar);
    target.closest('.field').before(box);
  }
})();
