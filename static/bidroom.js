/* Tendover. The bid room: the form is filled and sealed here; only ciphertext leaves this page. */
(function () {
  'use strict';
  const $ = (s, r) => (r || document).querySelector(s), $$ = (s, r) => Array.from((r || document).querySelectorAll(s));
  const S = window.sealing, room = $('#room');
  if (!room) return;
  const to = JSON.parse(room.dataset.to), urls = JSON.parse(room.dataset.urls), says = JSON.parse(room.dataset.says), rules = JSON.parse(room.dataset.rules);
  const form = $('form[data-seal]'), state = $('#seal-state'), token = $('input[name=csrf_token]').value;
  const fill = (text, given) => text.replace(/\{(\w+)\}/g, (_, k) => given[k]);
  if (!S.able) return;
  window.tendover.cardNumber = cardNumber;                 // a card's number is checked here alone, before it is sealed
  function cardNumber(text) {                              // the check character of GB 11643, as the server reckons it
    const signs = text.normalize('NFKC').replace(/\s/g, '').toUpperCase(), weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    return /^\d{17}[\dX]$/.test(signs) && '10X98765432'[weights.reduce((sum, w, i) => sum + w * signs[i], 0) % 11] === signs[17];
  }
  const no = $('#no-seal');
  if (no) no.hidden = true;
  const extra = $('#with-script');
  if (extra) extra.hidden = false;

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
  const bytes = 'application/octet-stream';
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
  const keyOf = async () => asked((await place('readonly')).get(to.draft));
  const keep = async raw => asked((await place('readwrite')).put(raw, to.draft));
  async function draftKey() {
    let raw = await keyOf();
    if (!raw) { raw = S.random(32); await keep(raw); }
    return raw;
  }

  /* -- what is typed, as field names and texts -- */
  function typed() {
    const found = {};
    for (const [name, value] of new FormData(form)) {
      if (typeof value !== 'string' || name === 'csrf_token' || name.startsWith('_pastetext')) continue;
      (found[name] = found[name] || []).push(value);
    }
    return found;
  }
  function rowsOf(zone) {
    const key = zone.dataset.rows;
    return $$('.tf-row', zone).map(r => $('input[type=hidden][name$="-_"]', r).name.slice(key.length + 1, -2));
  }
  function blank(zone) {                                   // the pattern of a row, taken once
    if (!zone.pattern) {
      const row = $('.tf-row', zone), index = rowsOf(zone)[0];
      zone.pattern = { html: row.outerHTML, index };
    }
    return zone.pattern;
  }
  function addRow(zone, index) {
    const key = zone.dataset.rows, p = blank(zone), body = $('tbody', zone);
    const holder = document.createElement('tbody');
    holder.innerHTML = p.html.split(key + '-' + p.index + '-').join(key + '-' + index + '-').split('"' + key + '-' + p.index + '"').join('"' + key + '-' + index + '"');
    const row = holder.firstElementChild;
    $$('.err', row).forEach(e => e.remove());
    for (const el of $$('input,select,textarea', row)) {
      if (/-_$/.test(el.name)) continue;
      if (el.type === 'checkbox' || el.type === 'radio') el.checked = false; else el.value = '';
      el.removeAttribute('aria-invalid');
    }
    body.append(row);
    number(zone);
    return row;
  }
  function number(zone) { $$('.tf-row', zone).forEach((row, i) => {
    const b = $('td.n b', row);
    if (b) b.textContent = i + 1;
    if ($('[name=_remove]', row)) $$('td.n i,[name=_remove] .vh', row).forEach(e => { e.textContent = e.textContent.replace(/\d+/, i + 1); });
  });
  const add = $('[name=_add]', zone);
  if (add) add.hidden = rowsOf(zone).length >= rules.rows[zone.dataset.rows][0]; }
  function put(texts) {
    for (const zone of $$('[data-rows]', form)) {
      const start = zone.dataset.rows + '-', marks = Object.keys(texts).filter(n => n.startsWith(start) && n.endsWith('-_'));
      if (!marks.length || !$('[name=_remove]', zone)) continue;
      blank(zone);
      $$('.tf-row', zone).forEach(r => r.remove());
      marks.forEach(n => addRow(zone, n.slice(start.length, -2)));
    }
    for (const el of $$('input,select,textarea', form)) {
      if (!el.name || el.type === 'file' || el.name === 'csrf_token' || !(el.name in texts) && el.type !== 'checkbox' && el.type !== 'radio') continue;
      const given = texts[el.name] || [];
      if (el.type === 'checkbox' || el.type === 'radio') el.checked = given.includes(el.value);
      else if (el.type !== 'hidden') el.value = given[0] || '';
    }
    form.dispatchEvent(new Event('input', { bubbles: true }));
  }

  /* -- drafts -- */
  const saved = $('#saved');
  let dirty = false, last = '';
  let seen = '';                                           // the draft that this page has, as it lies on the server
  let shut = null;                                         // a draft of this person that no key here opens
  let moved = false;                                       // another page has saved since this one has read
  function shown() {
    $('#no-draft-key').hidden = !shut;
    $('#moved').hidden = !moved;
    $('#export').hidden = !!shut;
    if (shut || moved) { saved.textContent = shut ? says.shut : says.moved; saved.classList.add('bad'); }
  }
  let saving = Promise.resolve();                          // one after another: a save under way is no other tab's
  const tries = [];                                        // sent and not answered: it may lie there all the same
  function save() { saving = saving.then(saveNow, saveNow); return saving; }
  async function saveNow() {
    const now = JSON.stringify(typed());
    if (shut || moved) { shown(); return; }                // it would be written over, and be lost
    if (!dirty || now === last) return;
    dirty = false;
    try {
      const locked = await S.lock(await draftKey(), S.text(now));
      tries.push(await S.sha256(locked));
      await send(urls.draft, locked, bytes, { 'X-Over': seen });
      [last, seen] = [now, tries.pop()];
      tries.length = 0;
      saved.textContent = fill(says.kept, { time: new Date().toTimeString().slice(0, 5) });
      saved.classList.remove('bad');
    } catch (e) {
      dirty = true;
      moved = e.status === 409 && !(await kept().catch(() => null) && tries.includes(seen));
      saved.textContent = says.lost;
      saved.classList.add('bad');
      shown();
    }
  }
  async function kept() {                                  // what lies on the server, and what it is known by
    const answer = await fetch(urls.draft), data = new Uint8Array(await answer.arrayBuffer());
    if (answer.status !== 200 || answer.redirected || !data.length) return null;
    seen = await S.sha256(data);
    return data;
  }
  async function load() {
    const data = await kept();
    if (!data) return;
    try { open(await S.unlock(await keyOf(), data)); } catch (e) { shut = data; }
    shown();
  }
  function open(draft) {
    put(JSON.parse(S.words(draft)));
    last = JSON.stringify(typed());
    shut = null;
    moved = false;
    saved.textContent = says.loaded;
    saved.classList.remove('bad');
  }

  /* -- sealing -- */
  async function attached() {
    const files = [], inputs = $$('input[type=file]', form);
    if (inputs.reduce((n, input) => Array.from(input.files).reduce((m, f) => m + f.size, n), 0) > S.MOST) throw new RangeError('size');
    for (const input of inputs) for (const file of input.files) {
      const data = await file.arrayBuffer().catch(() => { throw new Error(fill(says.unread, { name: file.name })); });
      files.push({ key: input.name, name: file.name, data: new Uint8Array(data) });
    }
    return files;
  }
  /* what the form would say of its answers, in the server's own sentences; the list leads to each control */
  const size = n => (n < 1024 ? n + ' B' : n < 1048576 ? Math.round(n / 1024) + ' KB' : (n / 1048576).toFixed(1) + ' MB');
  async function ofFiles(input, rule) {
    for (const file of input.files) {
      const begins = rule.begins[(/\.[^.]+$/.exec(file.name.toLowerCase()) || [''])[0]], name = file.name;
      if (!file.size) return fill(rule.empty, { name });
      if (file.size > rule.most) return fill(rule.size, { name, have: size(file.size) });
      if (!begins && Object.keys(rule.begins).length) return fill(rule.type, { name });
      const head = S.hex(await file.slice(0, 8).arrayBuffer().catch(() => new ArrayBuffer(0)));
      if (!head) return fill(says.unread, { name });
      if (begins && begins.length && !begins.some(begin => head.startsWith(begin))) return fill(rule.content, { name });
    }
    return '';
  }
  const blankless = text => text.normalize('NFKC').replace(/\s/g, '');
  function empty(el) {
    if (el.type === 'file') return !el.files.length;
    return /^(checkbox|radio)$/.test(el.type) ? !$$('[name="' + el.name + '"]', form).some(one => one.checked) : !el.value.trim();
  }
  async function judged(el, name, scope) {
    if (empty(el)) return rules.missing[name] || '';
    if (rules.all[name] && $$('[name="' + el.name + '"]', form).some(one => !one.checked)) return rules.all[name];
    if (el.type === 'file') return ofFiles(el, rules.files[name]);
    const pattern = rules.patterns[name];
    return window.tendover.complaint(el, scope) || (pattern && !new RegExp(pattern[0]).test(blankless(el.value)) ? pattern[1] : '');
  }
  async function faults() {
    const found = [], scope = window.tendover.refresh(form), told = new Set();
    for (const el of $$('[data-key]', form)) {
      if (el.closest('[data-gone]') || el.type === 'hidden' || told.has(el.name)) continue;
      told.add(el.name);
      const row = el.closest('.tf-row'), zone = row && row.closest('[data-rows]');
      const said = await judged(el, (zone ? zone.dataset.rows + '.' : '') + el.dataset.key, scope);
      if (said) found.push([el, (row ? ($('.given', row) || $('td.n i', row)).textContent + says.colon : '') + said]);
    }
    for (const zone of $$('[data-rows]', form)) {
      const most = rules.rows[zone.dataset.rows];
      if (most && rowsOf(zone).length > most[0]) found.push([zone, most[1]]);
    }
    for (const el of $$('.prose[data-hide]:not([data-gone])', form)) {   // what the form itself remarks on the answers
      el.id = el.id || 'remark-' + found.length;
      found.push([el, el.textContent.trim()]);
    }
    return found;
  }
  let marking = false;
  function mark(list) {                                    // the controls themselves show it too, until they are changed
    $$('[data-missing]', form).forEach(unmark);
    marking = true;
    for (const [el] of list) {
      if (!el.dataset.key) continue;
      el.setAttribute('aria-invalid', 'true');
      if (empty(el) || el.type === 'file') el.dataset.missing = '1'; else el.dispatchEvent(new Event('change', { bubbles: true }));
    }
    marking = false;
  }
  function unmark(el) {
    if (!el.dataset.missing) return;
    delete el.dataset.missing;
    el.removeAttribute('aria-invalid');
  }
  function complain(el, words) {
    const id = el.id + '-err', before = document.getElementById(id);
    if (before) before.remove();
    if (!words) return;
    el.before(Object.assign(document.createElement('p'), { className: 'err', id, textContent: words }));
  }
  function show(list) {
    const box = $('#seal-faults'), ul = $('ul', box);
    ul.textContent = '';
    for (const [el, said] of list.slice(0, 40)) {
      const li = document.createElement('li'), a = document.createElement('a');
      a.href = '#' + el.id;
      a.textContent = said;
      li.append(a);
      ul.append(li);
    }
    box.hidden = $('#anyway').hidden = !list.length;
    mark(list);
    if (list.length) { box.scrollIntoView(); box.focus(); }
  }
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
  async function deliver() {
    tell(says.sealing);
    dirty = true;
    await save();
    const blob = await S.seal(await S.pack(to.about, typed(), await attached()), to), digest = await S.sha256(blob);
    const id = await upload(blob, part => tell(fill(says.sending, { percent: Math.round(part * 100) })));
    const receipt = await (await send(urls.place, JSON.stringify({ token: id }), 'application/json')).json();
    delete form.dataset.form;
    dirty = false;
    form.hidden = true;
    for (const card of $$('#room>.card,#with-script,#room>.note.warn')) card.hidden = card.id !== 'placed';
    tell('');
    for (const dd of $$('[data-part]', $('#placed'))) dd.textContent = receipt.shown[dd.dataset.part];
    const same = $('#same');
    same.textContent = receipt.sha256 === digest ? says.same : says.other;
    same.className = receipt.sha256 === digest ? 'tag ok' : 'tag bad';
    $('#copy').onclick = () => download(to.tender + '.bid', blob, bytes);
    $('#receipt').onclick = () => download(to.tender + '-receipt-' + receipt.no + '.json', JSON.stringify(receipt.file, null, 1), 'application/json');
    $('#placed').scrollIntoView();
    $('#placed').focus();
  }
  async function practise() {
    tell(says.sealing);
    const test = JSON.parse(room.dataset.practice), blob = await S.seal(await S.pack(test.about, { price: ['1.23'] }, []), test);
    const began = performance.now(), answer = await (await send(urls.practice, blob, bytes)).json();
    tell(fill(says.practised, { price: answer.price, ms: Math.round(performance.now() - began) }), 'ok');
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

  document.addEventListener('submit', event => {           // before app.js: nothing of this form is posted
    if (event.target !== form) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const button = event.submitter, zone = button && button.closest('[data-rows]');
    if (!button || button.name === '_save') { dirty = true; save().then(() => { if (shut || moved) $(moved ? '#moved' : '#no-draft-key').scrollIntoView({ block: 'center' }); }); return; }
    if (button.name === '_add') { const used = rowsOf(zone).map(Number), row = addRow(zone, Math.max(-1, ...used) + 1); const first = $('[data-key]', row); if (first) first.focus(); }
    else if (button.name === '_remove') { if (rowsOf(zone).length > 1) { blank(zone); button.closest('.tf-row').remove(); number(zone); } }
    else if (button.name === '_paste') paste(zone);
    else if (button.name === '_submit') once(async () => { const list = await faults(); show(list); if (!list.length || $('#despite').checked) await deliver(); });
    dirty = true;
    window.tendover.refresh(form);
  }, true);
  function paste(zone) {
    const area = $('textarea[name^=_pastetext]', zone), [most, tooMany] = rules.rows[zone.dataset.rows], heads = $$('[data-key]', zone);
    let lines = area.value.split(/\r?\n/).filter(l => l.trim()).map(l => l.split('\t').map(c => c.trim()));
    if (lines.length && lines[0][0] && heads[0].closest('td').dataset.l.includes(lines[0][0])) lines = lines.slice(1);   // the sheet's own heading
    const bare = $$('.tf-row', zone).filter(row => $$('[data-key]', row).every(el => !el.value.trim()));
    complain(area, rowsOf(zone).length - bare.length + lines.length > most ? tooMany : '');
    if (!lines.length || $('#' + area.id + '-err')) return;
    blank(zone);
    const from = Math.max(-1, ...rowsOf(zone).map(Number)) + 1;
    bare.forEach(row => row.remove());
    lines.forEach((cells, place) => $$('[data-key]', addRow(zone, from + place)).forEach((el, i) => {
      const text = cells[i] || '', option = el.tagName === 'SELECT' && Array.from(el.options).find(o => text && (o.text === text || o.value === text));
      el.value = option ? option.value : option === undefined ? '' : text;
      if (option === undefined && text) complain(el, fill(says.unlisted, { text }));
    }));
    area.value = '';
  }
  if (form) {
    form.hidden = false;
    for (const kind of ['input', 'change']) form.addEventListener(kind, event => {
      dirty = true;
      unmark(event.target);
      if (event.target.tagName === 'SELECT' && !marking) complain(event.target, '');
    });
    $$('[data-rows]', form).forEach(z => { if ($('.tf-row', z)) blank(z); });
    load().catch(() => { });
    setInterval(save, 8000);
    document.addEventListener('visibilitychange', () => { if (document.hidden) save(); });
  }
  const on = (id, work) => { const b = $(id); if (b) b.addEventListener('click', work); };
  on('#practise', () => once(practise));
  on('#export', async () => { download('tendover-draft-' + to.tender + '.key', JSON.stringify({ tender: to.tender, draft: to.draft, key: S.hex(await draftKey()) }), 'application/json'); });
  on('#start-over', () => { shut = null; shown(); dirty = true; once(save); });
  on('#theirs', () => once(load));
  on('#ours', () => once(async () => { await kept(); moved = false; dirty = true; last = ''; shown(); await save(); }));
  const given = $('#import');
  async function imported(file) {
    const name = file.name;
    let said;
    try { said = JSON.parse(await file.text()); } catch (e) { said = null; }
    if (!said || typeof said.draft !== 'string' || !/^[0-9a-f]{64}$/.test(said.key)) throw new Error(fill(says.nokey, { name }));
    if (said.tender !== to.tender) throw new Error(fill(says.foreign, { name, tender: said.tender }));
    if (said.draft !== to.draft) throw new Error(fill(says.another, { name }));
    const raw = S.unhex(said.key), data = shut || await kept();
    if (data) { try { open(await S.unlock(raw, data)); } catch (e) { throw new Error(fill(says.unfit, { name })); } }
    await keep(raw);                                       // only a key that opens takes the place of another
    shown();
    tell(fill(says.imported, { name }), 'ok');
  }
  if (given) given.addEventListener('change', () => once(async () => { try { await imported(given.files[0]); } finally { given.value = ''; } }));
  const again = $('#supply');
  if (again) again.addEventListener('change', () => once(async () => {
    const blob = new Uint8Array(await again.files[0].arrayBuffer()), id = await upload(blob, () => { });
    await send(urls.supply, JSON.stringify({ token: id }), 'application/json');
    location.reload();
  }));
})();
