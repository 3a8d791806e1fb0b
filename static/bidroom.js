/* Tendover. The bid room, what both its pages need at once; only ciphertext leaves them.
   The rest comes when it is needed: seal.js to lock and to seal, app.js and bidform.js with the first act in the form or
   with a draft that this browser has the key of, bidseal.js with the sealing. */
(function () {
  'use strict';
  const $ = (s, r) => (r || document).querySelector(s), $$ = (s, r) => Array.from((r || document).querySelectorAll(s));
  const room = $('#room');
  if (!room) return;
  const given = name => JSON.parse(room.dataset[name] || 'null');
  const urls = given('urls'), says = given('says'), form = $('form[data-seal]'), state = $('#seal-state'), token = $('input[name=csrf_token]').value;
  const fill = (text, named) => text.replace(/\{(\w+)\}/g, (_, k) => named[k]), bytes = 'application/octet-stream';
  document.documentElement.classList.add('js');
  const coming = {};
  const need = name => coming[name] = coming[name] || new Promise((done, fail) => {
    const script = document.createElement('script');
    Object.assign(script, { src: urls[name], onload: done, onerror: () => { delete coming[name]; script.remove(); fail(new Error(says.failed)); } });
    document.head.append(script);
  });
  if (!(window.isSecureContext && window.crypto && crypto.subtle)) {
    if (form && !form.hidden) need('app');                 // the server seals here
    return;
  }
  for (const one of $$('#no-seal,#with-script')) one.hidden = one.id === 'no-seal';

  async function send(url, body, kind, more) {
    const headers = Object.assign({ 'X-CSRFToken': token, 'X-Partial': 'seal' }, more);
    if (kind) headers['Content-Type'] = kind;
    const answer = await fetch(url, { method: 'POST', body, headers }).catch(() => { throw new Error(says.failed); });
    if (answer.redirected) throw new Error(says.gone);
    if (answer.ok) return answer;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const said = $('main .card p:not(.muted)', page);
    throw Object.assign(new Error(said ? said.textContent : says.failed), { status: answer.status });
  }
  function tell(words, tone) {
    state.className = 'note ' + (tone || '');
    state.textContent = words;
    state.hidden = !words;
    if (words) state.scrollIntoView({ block: 'nearest' });
  }
  const download = (name, data, type) => {
    const a = document.createElement('a');
    a.href = URL.createObjectURL(new Blob([data], { type }));
    a.download = name;
    a.click();
    setTimeout(() => URL.revokeObjectURL(a.href), 60000);
  };

  /* -- the draft key: in this browser's database, nowhere else -- */
  const place = mode => new Promise((done, fail) => {
    const open = indexedDB.open('tendover-bids', 1);
    open.onupgradeneeded = () => open.result.createObjectStore('keys');
    open.onerror = () => fail(open.error);
    open.onsuccess = () => done(open.result.transaction('keys', mode).objectStore('keys'));
  });
  const asked = request => new Promise((done, fail) => { request.onsuccess = () => done(request.result); request.onerror = () => fail(request.error); });
  const keyOf = async draft => asked((await place('readonly')).get(draft));
  const keep = async (raw, draft) => asked((await place('readwrite')).put(raw, draft));
  async function upload(blob, onPiece) {
    const begun = await (await send(urls.upload, new Uint8Array(0), bytes)).json(), piece = 2 << 20;
    for (let at = 0; at < blob.length; at += piece) {
      for (let tries = 0; ; tries++) {
        try { await send(begun.url + '?at=' + at, blob.slice(at, at + piece), bytes); break; } catch (e) { if (tries > 4) throw e; await new Promise(r => setTimeout(r, 500 << tries)); }
      }
      onPiece(Math.min(1, (at + piece) / blob.length));
    }
    return begun.token;
  }
  let busy = false;
  async function once(work) {
    if (busy) return;
    busy = true;
    $$('button', room).forEach(b => b.setAttribute('aria-disabled', 'true'));
    try { await work(); } catch (e) { tell(e instanceof RangeError ? says.large : e.message || says.failed, 'warn'); }
    busy = false;
    $$('button', room).forEach(b => b.removeAttribute('aria-disabled'));
  }

  /* -- the room: practice, and a lost bid once more -- */
  async function practise() {
    tell(says.sealing);
    await need('seal');
    const test = given('practice'), S = window.sealing, blob = await S.seal(await S.pack(test.about, { price: ['1.23'] }, []), test);
    const began = performance.now(), answer = await (await send(urls.practice, blob, bytes)).json();
    tell(fill(says.practised, { price: answer.price, ms: Math.round(performance.now() - began) }), 'ok');
  }
  const on = (id, work, kind) => { const one = $(id); if (one) one.addEventListener(kind || 'click', () => once(() => work(one))); };
  on('#practise', practise);
  on('#supply', async again => {
    const id = await upload(new Uint8Array(await again.files[0].arrayBuffer()), () => { });
    await send(urls.supply, JSON.stringify({ token: id }), 'application/json');
    location.reload();
  }, 'change');

  /* -- the form: what is typed before the rest has come stays, and counts -- */
  const home = window.bidroom = { $, $$, room, form, urls, fill, bytes, send, tell, download, keyOf, keep, upload, once, need, typing: false };
  if (!form) return;
  let told = null;                                         // to whom it is sealed, the form's rules, what to say
  const learn = () => told = told || fetch(urls.sealing).then(answer => (answer.redirected ? Promise.reject(new Error(says.gone)) : answer.json()))
    .then(all => { home.to = all.to; home.rules = all.rules; home.says = Object.assign(says, all.says); }, e => { told = null; throw new Error(e.message === says.gone ? says.gone : says.failed); });
  const ready = () => Promise.all([need('app'), need('seal'), learn()]).then(() => need('form')).then(() => home.opened);
  const then = act => ready().then(act).catch(e => tell(e.message, 'warn'));
  for (const kind of ['focusin', 'input', 'change']) form.addEventListener(kind, () => {
    home.typing = home.typing || kind !== 'focusin';
    then(() => { });
  });
  document.addEventListener('submit', event => {           // before app.js: nothing of this form is posted
    if (event.target !== form) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    then(() => home.act(event.submitter));
  }, true);
  for (const id of ['export', 'start-over', 'theirs', 'ours']) $('#' + id).addEventListener('click', () => then(() => home.keys[id]()));
  on('#import', async input => { await ready(); try { await home.imported(input.files[0]); } finally { input.value = ''; } }, 'change');
  for (const remark of $$('[data-by=script]', form)) {     // of answers that are not there yet
    remark.hidden = true;
    remark.setAttribute('data-gone', '');
  }
  const begin = () => { form.hidden = false; };
  if (!room.dataset.draft) begin();
  else keyOf(room.dataset.draft).catch(() => null).then(raw => (raw ? then(() => { }) : ($('#export').hidden = !($('#no-draft-key').hidden = false)))).then(begin);
})();
