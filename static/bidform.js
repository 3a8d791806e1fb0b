/* Tendover. A bid is filled in: its rows, what is typed, and the draft under a key that only this browser holds. */
(function () {
  'use strict';
  const home = window.bidroom, S = window.sealing, { $, $$, room, form, to, urls, says, rules, fill, bytes, send, tell, download, once, need } = home;
  const keyOf = () => home.keyOf(to.draft), keep = raw => home.keep(raw, to.draft);
  window.tendover.cardNumber = cardNumber;                 // a card's number is checked here alone, before it is sealed
  function cardNumber(text) {                              // the check character of GB 11643, as the server reckons it
    const signs = text.normalize('NFKC').replace(/\s/g, '').toUpperCase(), weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    return /^\d{17}[\dX]$/.test(signs) && '10X98765432'[weights.reduce((sum, w, i) => sum + w * signs[i], 0) % 11] === signs[17];
  }
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
  let dirty = home.typing, last = '';
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
    try {
      const draft = await S.unlock(await keyOf(), data);
      if (dirty) moved = true; else open(draft);           // what has been typed meanwhile is not written over
    } catch (e) { shut = data; }
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

  /* -- rows, and what the buttons do -- */
  home.act = button => {
    const zone = button && button.closest('[data-rows]');
    if (!button || button.name === '_save') { dirty = true; save().then(() => { if (shut || moved) $(moved ? '#moved' : '#no-draft-key').scrollIntoView({ block: 'center' }); }); return; }
    if (button.name === '_add') { const used = rowsOf(zone).map(Number), row = addRow(zone, Math.max(-1, ...used) + 1); const first = $('[data-key]', row); if (first) first.focus(); }
    else if (button.name === '_remove') { if (rowsOf(zone).length > 1) { blank(zone); button.closest('.tf-row').remove(); number(zone); } }
    else if (button.name === '_paste') paste(zone);
    else if (button.name === '_submit') once(async () => { await need('send'); await home.seal(); });
    dirty = true;
    window.tendover.refresh(form);
  };
  function complain(el, words) {
    const id = el.id + '-err', before = document.getElementById(id);
    if (before) before.remove();
    if (!words) return;
    el.before(Object.assign(document.createElement('p'), { className: 'err', id, textContent: words }));
  }
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
  for (const kind of ['input', 'change']) form.addEventListener(kind, event => {
    dirty = true;
    if (event.target.tagName === 'SELECT' && !home.marking) complain(event.target, '');
  });
  $$('[data-rows]', form).forEach(z => { if ($('.tf-row', z)) blank(z); });
  setInterval(save, 8000);
  document.addEventListener('visibilitychange', () => { if (document.hidden) save(); });
  home.keys = {
    export: async () => download('tendover-draft-' + to.tender + '.key', JSON.stringify({ tender: to.tender, draft: to.draft, key: S.hex(await draftKey()) }), 'application/json'),
    'start-over': () => { shut = null; shown(); dirty = true; return once(save); },
    theirs: () => once(async () => { dirty = false; await load(); }),
    ours: () => once(async () => { await kept(); moved = false; dirty = true; last = ''; shown(); await save(); })
  };
  home.imported = async file => {
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
  };
  Object.assign(home, { typed, rowsOf, save: () => { dirty = true; return save(); }, done: () => { dirty = false; } });
  home.opened = room.dataset.draft ? load().catch(() => tell(says.failed, 'warn')) : null;
})();
