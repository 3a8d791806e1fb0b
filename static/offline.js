/* Tendover. Offline sheets: a step filled in where there is no signal, kept on this device, sent when it is back.
   What lies here is encrypted; what protects it and what does not is in SECURITY.md. For Chromium 86 and later. */
(function () {
  'use strict';
  const $ = (s, r) => (r || document).querySelector(s), $$ = (s, r) => Array.from((r || document).querySelectorAll(s));
  const able = window.tendover.able;
  const page = $('#sheet');
  if (!page) return;
  const { hex, random, read, write, open_keys, fromServer, unwrap, makeKey, tryCode, seal, pixels, sealJson, unsealJson } = window.tendover.store;

  const words = Object.fromEntries($$('[data-w]', $('#words').content).map(e => [e.dataset.w, e.textContent]));
  const say = (name, given) => words[name].replace(/\{(\w+)\}/g, (_, key) => given[key]);
  const root = page.dataset.root, LIMIT = { photos: +page.dataset.photos, bytes: +page.dataset.bytes, side: +page.dataset.side };
  const step = +location.pathname.slice(root.length);
  const time = at => new Date(at).toLocaleString(document.documentElement.lang, { month: 'numeric', day: 'numeric', hour: '2-digit', minute: '2-digit' });
  const size = bytes => (bytes < 1048576 ? Math.ceil(bytes / 1024) + ' KB' : +(bytes / 1048576).toFixed(1) + ' MB');

  /* -- making pieces of the page -- */
  function make(kind, given, ...inside) {
    const { data, ...rest } = given || {}, el = Object.assign(document.createElement(kind), rest);
    Object.assign(el.dataset, data);
    el.append(...inside);
    return el;
  }
  const button = (words, onclick, look) => make('button', { type: 'button', className: 'btn ' + (look || ''), textContent: words, onclick: () => once(onclick) });
  const show = (...pieces) => { page.replaceChildren ? page.replaceChildren(...pieces) : (page.textContent = '', page.append(...pieces)); };
  const note = $('#note');
  function tell(text, tone) { note.className = 'note ' + (tone || ''); note.textContent = text; note.hidden = !text; if (text) note.scrollIntoView({ block: 'nearest' }); }
  let busy = false;
  async function once(work) {                              // one thing at a time; what goes wrong is said
    if (busy) return;
    busy = true;
    try { await work(); } catch (fault) { tell(fault.says || say('failed', { why: fault.message || fault.name }), 'warn'); }
    busy = false;
  }
  const refuse = (name, given) => Object.assign(new Error(name), { says: say(name, given) });
  function ask(text, yes, no) {                            // true: the person wants it
    return new Promise(done => {
      const box = make('dialog', { className: 'large', onclose: () => { box.remove(); done(box.returnValue === 'yes'); } });
      box.setAttribute('aria-label', text);
      box.append(make('p', { textContent: text }), make('div', { className: 'bar end' },
        make('button', { type: 'button', className: 'btn', textContent: no || say('no'), onclick: () => box.close('no') }),
        make('button', { type: 'button', className: 'btn pri', textContent: yes, onclick: () => box.close('yes') })));
      document.body.append(box);
      box.showModal();
    });
  }

  /* -- the server, when there is one -- */
  async function call(path, body, seconds) {               // null: no signal
    const stop = new AbortController(), timer = setTimeout(() => stop.abort(), (seconds || 20) * 1000);
    try {
      return await fetch(root + path, { method: body ? 'POST' : 'GET', body, cache: 'no-store', redirect: 'manual', signal: stop.signal });
    } catch (none) { return null; } finally { clearTimeout(timer); }
  }
  let me = null;                                           // who is signed in; null: no signal, user 0: nobody
  async function meet() {
    let about = await read('about', 'device');
    if (!about) { about = { name: 'device', id: hex(random(16)) }; await write(at => at('about').put(about)); }
    const answer = navigator.onLine === false ? null : await call('who?device=' + about.id, null, 8);
    me = answer && answer.ok ? await answer.json() : null;
    const kept = me && me.user && await read('keys', me.user);
    if (kept && !open_keys[me.user]) open_keys[me.user] = await unwrap(kept.server, await fromServer(me.key)).catch(() => undefined);
    return me;
  }
  async function sentence(answer) {                        // what an answer that is not yes says
    const text = await answer.text(), said = $('main .card p:not(.muted)', new DOMParser().parseFromString(text, 'text/html'));
    return said ? said.textContent : answer.status + '';
  }

  /* -- how much there is -- */
  const photosOf = async id => (await read('photos')).filter(photo => photo.sheet === id);
  const unsent = async sheet => ({ answers: sheet.unsent, photos: (await photosOf(sheet.id)).filter(photo => !photo.sent).length });
  const held = n => say('held', n);
  function mark(there) {                                   // tells the server's sign-out page that something is kept here
    document.cookie = 'sheets=1; path=' + root.replace(/sheet\/$/, '') + '; SameSite=Lax; max-age=' + (there ? 31536000 : 0);
  }
  async function wipe(ids) {
    const photos = await read('photos'), sheets = await read('sheets'), left = sheets.filter(sheet => !ids.includes(sheet.id));
    const users = new Set(left.map(sheet => sheet.user));
    const keys = (await read('keys')).filter(kept => !users.has(kept.user));
    await write(at => {
      for (const id of ids) { at('sheets').delete(id); at('answers').delete(id); }
      for (const photo of photos) if (ids.includes(photo.sheet)) { at('photos').delete(photo.id); at('pixels').delete(photo.id); }
      for (const kept of keys) at('keys').delete(kept.user);
    });
    if (left.length) return;
    mark(false);
    const registered = await navigator.serviceWorker.getRegistration(root);
    if (registered) await registered.unregister();
    for (const name of await caches.keys()) if (name.startsWith('sheet-')) await caches.delete(name);
  }
  async function askAndWipe(sheets, after) {
    const lost = { n: sheets.length, answers: 0, photos: 0 };
    for (const sheet of sheets) { const n = await unsent(sheet); lost.answers += n.answers; lost.photos += n.photos; }
    if (!await ask(say(lost.answers + lost.photos ? 'wipe.lost' : 'wipe.nothing', lost), say('wipe.yes'))) return;
    await wipe(sheets.map(sheet => sheet.id));
    current = null;
    await after();
    tell(say('wiped'), 'ok');
  }

  /* -- taking a sheet along -- */
  async function takeView() {
    const answer = await call(step + '/form');
    if (!answer || !answer.ok) return show(make('p', { textContent: say(answer && answer.type === 'opaqueredirect' ? 'none.signin' : answer ? 'none.foreign' : 'none') }), homeward());
    const sheet = await answer.json(), known = await read('keys', me.user);
    const first = make('input', { type: 'password', className: 'in w-20', id: 'code-1', autocomplete: 'new-password', minLength: 6 });
    const second = make('input', { type: 'password', className: 'in w-20', id: 'code-2', autocomplete: 'new-password' });
    const field = (input, label, hint) => make('div', { className: 'field' }, make('label', { htmlFor: input.id, textContent: label }), ...(hint ? [make('p', { className: 'hint', textContent: hint })] : []), input);
    const go = async () => {
      if (!known && first.value.length < 6) { first.focus(); throw refuse('code.short', { have: first.value.length }); }
      if (!known && first.value !== second.value) { second.focus(); throw refuse('code.differ'); }
      tell(say('taking'));
      await take(sheet, known ? null : first.value);
      tell(say('taken', { address: location.origin + root }), 'ok');
    };
    show(make('h1', { textContent: sheet.name + say('colon') + sheet.case }), make('section', { className: 'card narrow' },
      make('p', { textContent: say('take.what') }), make('p', { className: 'hint', textContent: say('take.limit', { photos: LIMIT.photos, size: size(LIMIT.bytes), side: LIMIT.side }) }),
      ...(known ? [] : [make('h2', { textContent: say('code') }), field(first, say('code'), say('code.why')), field(second, say('code.again'))]),
      make('div', { className: 'bar end' }, button(say('take'), go, 'pri'), make('a', { className: 'btn', href: page.dataset.step.replace(/0$/, step), textContent: say('back.step') }))));
  }
  async function take(sheet, code) {
    const id = sheet.user + ':' + step;
    await navigator.serviceWorker.register(root + 'worker.js', { scope: root, updateViaCache: 'none' });
    await navigator.serviceWorker.ready;
    const fresh = await fetch(root + '?fresh');              // in the language of now
    for (const name of await caches.keys()) if (name.startsWith('sheet-') && fresh.ok) await (await caches.open(name)).put(root, fresh.clone());
    if (navigator.storage && navigator.storage.persist) await navigator.storage.persist();
    const key = code === null ? null : await makeKey(sheet.user, me.key, code);
    const sealed = await sealJson(sheet.user, id, sheet);
    await write(at => {
      if (key) at('keys').put(key);
      at('sheets').put({ id, user: sheet.user, step, at: Date.now(), unsent: 0, sealed });
    });
    mark(true);
    await fill(await read('sheets', id));
  }

  /* -- filling it in -- */
  let current = null;                                      // {sheet, about, form, base, blanks, photos}
  const pairs = form => Array.from(new FormData(form)).filter(pair => typeof pair[1] === 'string');
  const sleep = ms => new Promise(done => setTimeout(done, ms));
  const group = list => { const found = {}; for (const [name, text] of list) (found[name] = found[name] || []).push(text); return found; };
  function changed(before, after) {                        // how many answers are not those the sheet began with
    const a = group(before), b = group(after), names = new Set([...Object.keys(a), ...Object.keys(b)]);
    return [...names].filter(name => !/^_|-_$/.test(name) && (a[name] || []).join('\n') !== (b[name] || []).join('\n')).length;
  }
  async function fill(sheet) {
    if (navigator.locks && !await lock('sheet ' + sheet.id)) return show(make('p', { textContent: say('elsewhere') }), homeward());
    const about = await unsealJson(sheet.user, sheet.id, sheet.sealed);
    const parts = new DOMParser().parseFromString(about.html, 'text/html').body;
    const state = make('section', { className: 'card sheet-state', id: 'state' });
    if ('adoptedStyleSheets' in document) { const own = new CSSStyleSheet(); own.replaceSync(about.css); document.adoptedStyleSheets = [own]; }
    current = { sheet, about, form: $('#sheet-form', parts), blanks: {}, photos: await photosOf(sheet.id) };
    for (const zone of $$('[data-rows]', current.form)) prepareRows(zone);
    for (const press of $$('[name=_drop]', current.form)) press.remove();
    current.base = pairs(current.form);
    const kept = await read('answers', sheet.id);
    if (kept) restore(await unsealJson(sheet.user, sheet.id, kept.sealed));
    show(make('h1', { textContent: about.name + say('colon') + about.case }), make('p', { className: 'muted', textContent: [about.number, about.due && say('due', { day: about.due })].filter(Boolean).join(' · ') }), state, ...parts.childNodes);
    for (const input of $$('input[type=file]', current.form)) await photoZone(input);
    window.tendover.wire(current.form);
    current.form.addEventListener('input', () => keepSoon(300));
    current.form.addEventListener('change', () => keepSoon(0));
    await status();
  }
  const lock = name => new Promise(done => navigator.locks.request(name, { ifAvailable: true }, held => { done(!!held); return held && new Promise(() => {}); }));

  let waiting = null;
  function keepSoon(ms) {
    clearTimeout(waiting);
    waiting = setTimeout(() => keep().catch(fault => tell(say('failed', { why: fault.message }), 'warn')), ms);
  }
  async function keep() {                                  // the answers as they stand, on the disk
    if (!current) return;
    const { sheet, form, base } = current, said = pairs(form);
    const sealed = await sealJson(sheet.user, sheet.id, said);
    sheet.unsent = changed(base, said);
    await write(at => { at('answers').put({ id: sheet.id, sealed }); at('sheets').put(sheet); });
    current.kept = Date.now();
    await status();
  }
  document.addEventListener('visibilitychange', () => { if (document.hidden && current && waiting) keep(); });
  function restore(said) {
    const { form } = current, texts = group(said);
    for (const zone of $$('[data-rows]', form)) {
      const key = zone.dataset.rows, wanted = said.map(pair => pair[0]).filter(name => name.startsWith(key + '-') && name.endsWith('-_'));
      for (const row of $$('.tf-row', zone)) if (current.blanks[key] && !wanted.includes($('[name$="-_"]', row).name)) row.remove();
      for (const name of wanted) if (!form.elements[name] && current.blanks[key]) addRow(zone, name.slice(key.length + 1, -2));
    }
    for (const control of form.elements) {
      if (!control.name || control.type === 'hidden' || control.type === 'file' || control.tagName === 'BUTTON') continue;
      const have = texts[control.name] || [];
      if (control.type === 'radio' || control.type === 'checkbox') control.checked = have.includes(control.value);
      else control.value = have.length ? have[0] : '';
    }
  }

  /* -- rows: the server gave one blank row more; it is copied -- */
  function prepareRows(zone) {
    const key = zone.dataset.rows;
    for (const each of $$('details.paste', zone)) each.remove();
    if (!$('[name=_add]', zone)) return;
    if (!$('[name=_remove]', zone)) {                      // where there is one row it has no button yet
      const cell = (kind, ...inside) => make(kind, { className: 'x' }, ...inside);
      for (const row of $$('.tf-row', zone)) row.append(cell('td', make('button', { className: 'btn link', name: '_remove', textContent: say('delete') })));
      $('thead tr', zone).append(cell('th', make('span', { className: 'vh', textContent: say('delete') })));
    }
    const blank = $$('.tf-row', zone).pop(), name = $('[name$="-_"]', blank).name;
    current.blanks[key] = { html: blank.outerHTML, start: name.slice(0, -1), title: $('td.n i', blank).textContent, number: $('td.n b', blank).textContent };
    blank.remove();
  }
  function addRow(zone, index) {
    const key = zone.dataset.rows, blank = current.blanks[key], number = 1 + Math.max(0, ...$$('td.n b', zone).map(b => +b.textContent));
    const title = blank.title.replace(blank.number, number), holder = document.createElement('tbody');
    holder.innerHTML = blank.html.split(blank.start).join(key + '-' + index + '-').split(blank.title).join(title);
    const row = holder.firstElementChild;
    $('td.n b', row).textContent = number;
    $('tbody', zone).append(row);
    return row;
  }
  function press(event) {                                  // the form's own buttons, before the script of the house hears them
    if (event.target.id !== 'sheet-form') return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const pressed = event.submitter, zone = pressed && pressed.closest('[data-zone]');
    if (!zone || !current) return;
    const key = zone.dataset.rows, rows = $$('.tf-row', zone);
    if (pressed.name === '_add') {
      const used = rows.map(row => +$('[name$="-_"]', row).name.slice(key.length + 1, -2)).filter(n => !isNaN(n));
      const to = $('[data-key]', addRow(zone, 1 + Math.max(-1, ...used)));
      if (to) to.focus();
    } else if (pressed.name === '_remove') {
      pressed.closest('.tf-row').remove();
      $('[name=_add]', zone).focus();
    } else if (pressed.name === '_fill') {
      const group = pressed.value.split(':')[1];
      for (const row of rows) {                            // what has been judged already stays
        if (group && $('[name$="-_"]', row).value !== group) continue;
        const cells = $$('[name$="-' + zone.dataset.fillColumn + '"]', row), choice = cells[0] && cells[0].type === 'radio';
        if (choice ? cells.some(cell => cell.checked) : cells.some(cell => cell.value)) continue;
        for (const cell of cells) if (choice) cell.checked = cell.value === zone.dataset.fillValue; else cell.value = zone.dataset.fillValue;
      }
    } else return;
    window.tendover.refresh(current.form);
    keepSoon(0);
  }
  page.addEventListener('submit', press, true);

  /* -- photographs -- */
  async function photoZone(input) {
    const zone = input.closest('[data-zone]'), key = input.name, list = make('ul', { className: 'files kept-here' });
    const wanted = (input.accept || '.jpg,.jpeg,.png').split(',').filter(end => /^\.(jpe?g|png)$/.test(end));
    if (!wanted.length) { input.disabled = true; input.after(make('p', { className: 'hint', textContent: say('photos.only') })); return; }
    input.accept = zone.dataset.place ? 'image/jpeg,image/png' : 'image/jpeg,image/png,image/webp';
    input.removeAttribute('name');                         // never part of the answers
    input.before(list);
    input.before(make('p', { className: 'hint', textContent: zone.dataset.place ? say('photos.place') : say('photos.hint', { side: LIMIT.side }) }));
    input.addEventListener('change', () => once(async () => {
      const files = Array.from(input.files);
      input.value = '';
      try {
        for (const file of files) { tell(say('photo.storing', { name: file.name })); await keepPhoto(file, key, zone, list, !input.multiple); }
        tell('');
      } finally { await status(); }
    }));
    for (const photo of current.photos) {
      const about = await unsealJson(photo.user, photo.id, photo.about);
      if (about.key === key) await photoLine(photo, about, list);
    }
  }
  const taken = file => /^image\/(jpeg|png)$/.test(file.type);
  async function smaller(file) {                           // at most so large, as JPG; drawing it anew leaves place and maker behind
    const address = URL.createObjectURL(file), image = new Image();
    try {
      image.src = address;
      await image.decode();
      const scale = Math.min(1, LIMIT.side / Math.max(image.naturalWidth, image.naturalHeight));
      if (scale === 1 && taken(file)) return file;
      const canvas = make('canvas', { width: Math.round(image.naturalWidth * scale), height: Math.round(image.naturalHeight * scale) });
      canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
      const drawn = await new Promise(done => canvas.toBlob(done, 'image/jpeg', 0.85));
      return new File([drawn], file.name.replace(/\.\w+$/, '') + '.jpg', { type: 'image/jpeg' });
    } catch (no) { throw refuse('photo.unreadable', { name: file.name }); } finally { URL.revokeObjectURL(address); }
  }
  async function keepPhoto(given, key, zone, list, one) {
    if (one && $$('.files li', zone).length) throw refuse('photo.one', { name: given.name });
    if (zone.dataset.place && !taken(given)) throw refuse('photo.unreadable', { name: given.name });
    const file = zone.dataset.place ? given : await smaller(given), { sheet } = current;
    const all = await read('photos'), used = all.reduce((sum, photo) => sum + photo.size, 0);
    if (all.length >= LIMIT.photos) throw refuse('photo.many', { name: given.name, n: all.length });
    if (used + file.size > LIMIT.bytes) throw refuse('photo.large', { name: given.name, size: size(file.size), used: size(used), most: size(LIMIT.bytes) });
    const room = navigator.storage && navigator.storage.estimate ? await navigator.storage.estimate() : {};
    if (room.quota && room.quota - room.usage < file.size * 2 + 5e6) throw refuse('photo.room', { name: given.name, size: size(file.size), left: size(Math.max(0, room.quota - room.usage)) });
    const data = await file.arrayBuffer(), id = hex(random(16)), about = { key, name: file.name, type: file.type, sha256: hex(await window.crypto.subtle.digest('SHA-256', data)) };
    const photo = { id, sheet: sheet.id, user: sheet.user, size: file.size, sent: false, about: await sealJson(sheet.user, id, about) }, sealed = await seal(sheet.user, id, data);
    await write(at => { at('photos').put(photo); at('pixels').put({ id, sealed }); });
    current.photos.push(photo);
    await photoLine(photo, about, list);
  }
  async function photoLine(photo, about, list) {
    const data = new Blob([await pixels(photo)], { type: about.type });
    const image = make('img', { src: URL.createObjectURL(data), alt: about.name }), line = make('li', { id: 'photo-' + photo.id });
    line.append(make('span', { className: 'pic' }, image), make('b', { textContent: about.name }), make('span', { textContent: size(photo.size) }),
      make('span', { className: 'tag', textContent: say(photo.sent ? 'photo.sent' : 'photo.here') }),
      button(say('delete'), async () => {
        if (!photo.sent && !await ask(say('photo.drop', { name: about.name }), say('delete'))) return;
        await write(at => { at('photos').delete(photo.id); at('pixels').delete(photo.id); });
        current.photos = current.photos.filter(each => each !== photo);
        line.remove();
        await status();
      }, 'link'));
    list.append(line);
  }

  /* -- what stands above the sheet -- */
  async function status() {
    if (!current) return;
    const { sheet } = current, photos = await read('photos'), n = await unsent(sheet), box = $('#state');
    const used = photos.reduce((sum, photo) => sum + photo.size, 0), foreign = me && me.user && me.user !== sheet.user;
    const lines = [say('state.here', { at: time(sheet.at) }), held(n), say('state.limit', { n: photos.length, most: LIMIT.photos, size: size(used), bytes: size(LIMIT.bytes) })];
    if (current.kept) lines.push(say('state.kept', { at: new Date(current.kept).toTimeString().slice(0, 8) }));
    const signal = !me ? say('signal.none') : foreign ? say('signal.foreign', { name: me.name }) : me.user ? say('signal.back') : say('signal.signin');
    const acts = [];
    if (me && me.user === sheet.user) acts.push(button(say('send'), send, 'pri'));
    else if (me && !me.user) acts.push(make('a', { className: 'btn pri', href: page.dataset.signin.replace(/0$/, step), textContent: say('signin') }));
    else acts.push(button(say('try'), async () => { await meet(); await status(); }));
    acts.push(button(say('wipe'), () => askAndWipe([sheet], home)), make('a', { className: 'btn', href: root, textContent: say('list') }));
    const old = document.activeElement && box.contains(document.activeElement) ? document.activeElement.textContent : '';
    box.textContent = '';
    box.append(make('p', { className: 'sheet-mark', textContent: lines[0] }), make('p', { id: 'counts', textContent: lines.slice(1).join(' · ') }), make('p', { className: 'muted', textContent: signal }), make('div', { className: 'bar' }, ...acts));
    const again = old && $$('button,a', box).find(b => b.textContent === old);
    if (again) again.focus();
  }
  addEventListener('online', async () => { await meet(); await status(); });
  addEventListener('offline', () => { me = null; status(); });

  /* -- sending: photographs one by one, then the answers; each may be sent twice and is there once -- */
  async function post(path, given, seconds) {
    for (let turn = 0; ; turn++) {
      const body = new FormData();
      body.append('csrf_token', me.csrf);
      for (const [name, value, file] of given) file ? body.append(name, value, file) : body.append(name, value);
      const answer = await call(path, body, seconds);
      if (!answer) { me = null; throw refuse('cut'); }
      if (answer.type === 'opaqueredirect') { me = { user: 0 }; throw refuse('expired'); }
      if (answer.status !== 400 || turn) return answer;      // 400: the token is of an earlier session
      if (!await meet() || me.user !== current.sheet.user) throw refuse('expired');
    }
  }
  async function send() {
    const { sheet, about } = current;
    await keep();
    await meet();
    await status();
    if (!me) throw refuse('cut');
    if (!me.user) throw refuse('expired');
    if (me.user !== sheet.user) throw refuse('signal.foreign', { name: me.name });
    try {
      const left = await sendPhotos();
      if (left === null) return;
      await sendAnswers([['_base', about.state]], left);
    } finally { await status(); }
  }
  async function sendPhotos() {                            // how many the office did not take; null: the step is gone
    const wanted = current.photos.filter(photo => !photo.sent);
    let refused = 0, done = 0;
    for (const photo of wanted) {
      tell(say('sending', { n: ++done, all: wanted.length }));
      const about = await unsealJson(photo.user, photo.id, photo.about), data = await pixels(photo);
      const answer = await post(step + '/photo', [['key', about.key], ['sha256', about.sha256], ['file', new Blob([data], { type: about.type }), about.name]], 180);
      if (answer.status === 409 || answer.status === 404) { await sendAnswers([['_base', current.about.state]], 0); return null; }
      const line = $('#photo-' + photo.id);
      if (answer.ok) { photo.sent = true; await write(at => at('photos').put(photo)); if (line) $('.tag', line).textContent = say('photo.sent'); continue; }
      refused++;
      const said = await sentence(answer);
      if (line) line.append(make('p', { className: 'err', textContent: said }));
    }
    return refused;
  }
  async function sendAnswers(more, refused) {
    const { sheet } = current, said = pairs(current.form);
    const answer = await post(step + '/answers', [...said, ...more], 60);
    if (answer.status === 409) {
      const found = await answer.clone().json();
      return 'gone' in found ? gone(answer) : compare(found, chosen => sendAnswers([['_base', found.state], ...chosen.map(id => ['_theirs', id])], refused));
    }
    if (answer.status === 404) return gone(answer);
    if (!answer.ok) throw Object.assign(new Error(), { says: await sentence(answer) });
    const { next } = await answer.json();
    if (refused) { current.base = said; await keep(); throw refuse('photos.refused', { n: refused }); }
    await wipe([sheet.id]);
    current = null;
    location.href = next;
  }

  /* -- what has changed there meanwhile -- */
  function beside(found, pick) {
    const inside = id => pair => (pair[0] === id || pair[0].startsWith(id + '-')) && !pair[0].endsWith('-_'), said = pairs(current.form);
    const untouched = id => JSON.stringify(current.base.filter(inside(id))) === JSON.stringify(said.filter(inside(id)));
    const way = (each, side) => {
      const words = [make('b', { textContent: say(side) }), '\n' + (each[side] || say('norow'))];
      if (!pick) return make('p', {}, ...words);
      const input = make('input', { type: 'radio', name: 'differs-' + each.id, value: side, id: side + '-' + each.id, checked: (side === 'theirs') === untouched(each.id) });
      return make('div', { className: 'pick' }, input, make('label', { htmlFor: input.id }, ...words));
    };
    return found.map(each => make('fieldset', { className: 'differs', data: { id: each.id } }, make('legend', { textContent: each.label }), way(each, 'mine'), way(each, 'theirs')));
  }
  function compare(found, onward) {
    tell('');
    const box = make('section', { className: 'card', id: 'compare', tabIndex: -1 }, make('h2', { textContent: say('compare') }), make('p', { textContent: say('compare.why') }), ...beside(found.differences, true));
    box.append(make('div', { className: 'bar end' }, button(say('compare.send'), async () => {
      const chosen = found.differences.map(each => each.id).filter(id => $('[id="theirs-' + CSS.escape(id) + '"]', box).checked);
      box.remove();
      await onward(chosen);
    }, 'pri'), button(say('compare.later'), async () => box.remove())));
    if ($('#compare')) $('#compare').remove();
    $('#state').after(box);
    box.focus();
  }
  async function gone(answer) {
    const found = answer.status === 409 ? await answer.json() : { gone: say('gone.foreign'), differences: [] };
    const box = make('section', { className: 'card', id: 'compare', tabIndex: -1 }, make('h2', { textContent: say('gone') }), make('p', { textContent: found.gone }), make('p', { textContent: say('gone.what') }));
    box.append(...beside(found.differences, false));
    box.append(make('div', { className: 'bar end' }, button(say('download'), download, 'pri')));
    if ($('#compare')) $('#compare').remove();
    $('#state').after(box);
    tell('');
    box.focus();
  }
  async function download() {                              // answers and photographs in one file that any browser opens and prints
    const { about, form, photos } = current, safe = text => text.replace(/[&<>"]/g, c => '&#' + c.charCodeAt(0) + ';');
    const parts = ['<!doctype html><meta charset="utf-8"><title>' + safe(about.name) + '</title><h1>' + safe(about.name + say('colon') + about.case) + '</h1><p>' + safe(about.number + ' ' + new Date().toLocaleString()) + '</p><table border="1" cellpadding="6">'];
    for (const [label, text] of spoken(form)) parts.push('<tr><th align="left">' + safe(label) + '</th><td>' + safe(text).replace(/\n/g, '<br>') + '</td></tr>');
    parts.push('</table>');
    for (const photo of photos) {
      const told = await unsealJson(photo.user, photo.id, photo.about), data = new Blob([await pixels(photo)], { type: told.type });
      const url = await new Promise(done => { const reader = new FileReader(); reader.onload = () => done(reader.result); reader.readAsDataURL(data); });
      parts.push('<figure><img alt="" width="800" src="' + url + '"><figcaption>' + safe(told.name) + '</figcaption></figure>');
    }
    const link = make('a', { href: URL.createObjectURL(new Blob(parts, { type: 'text/html' })), download: about.name + ' ' + (about.number || step) + '.html' });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }
  function* spoken(form) {                                 // each question and its answer, as the page says them
    for (const control of form.elements) {
      if (!control.name || control.type === 'hidden' || control.tagName === 'BUTTON') continue;
      const choice = control.type === 'radio' || control.type === 'checkbox';
      if (choice && !control.checked || !control.value) continue;
      const legend = choice && control.closest('fieldset') && $('legend', control.closest('fieldset'));
      const label = legend ? legend.textContent : control.getAttribute('aria-label') || (control.labels[0] || {}).textContent || control.name;
      yield [label.trim(), choice ? control.labels[0].textContent : control.tagName === 'SELECT' ? control.selectedOptions[0].text : control.value];
    }
  }

  /* -- opening, the list of sheets, and leaving -- */
  const homeward = () => make('p', { className: 'bar' }, make('a', { className: 'btn', href: root, textContent: say('list') }));
  function codeView(after) {
    const input = make('input', { type: 'password', className: 'in w-20', id: 'code', autocomplete: 'off' });
    const form = make('form', { className: 'card narrow', onsubmit: event => {
      event.preventDefault();
      once(async () => {
        tell(say('opening'));
        if (!await tryCode(input.value)) { input.select(); throw refuse('code.wrong'); }
        tell('');
        await after();
      });
    } }, make('h2', { textContent: say('locked') }), make('div', { className: 'field' }, make('label', { htmlFor: 'code', textContent: say('code') }), make('p', { className: 'hint', textContent: say('code.forgotten') }), input), make('div', { className: 'bar end' }, make('button', { className: 'btn pri', textContent: say('unlock') })));
    return form;
  }
  async function sheetView() {
    const mine = (await read('sheets')).filter(sheet => sheet.step === step);
    const found = mine.find(sheet => me && sheet.user === me.user && open_keys[sheet.user]) || mine.find(sheet => open_keys[sheet.user]);
    if (found) return fill(found);
    if (me && me.user && !mine.some(sheet => sheet.user === me.user)) return takeView();
    if (mine.length) return show(make('h1', { textContent: say('title') }), codeView(sheetView), homeward());
    if (me && !me.user) return show(make('p', { textContent: say('none.signin') }), make('p', { className: 'bar' }, make('a', { className: 'btn pri', href: page.dataset.signin.replace(/0$/, step), textContent: say('signin') })), homeward());
    show(make('p', { textContent: say('none') }), homeward());
  }
  async function home() {
    const sheets = await read('sheets'), list = make('ul', { className: 'sheets' });
    let locked = 0;
    for (const sheet of sheets) {
      if (!open_keys[sheet.user]) { locked++; continue; }
      const about = await unsealJson(sheet.user, sheet.id, sheet.sealed);
      list.append(make('li', { className: 'card' }, make('a', { className: 't', href: root + sheet.step, textContent: about.name + say('colon') + about.case }),
        make('p', { className: 'muted small', textContent: [about.number, say('state.here', { at: time(sheet.at) }), held(await unsent(sheet))].filter(Boolean).join(' · ') }),
        make('div', { className: 'bar' }, make('a', { className: 'btn sm pri', href: root + sheet.step, textContent: say('open') }), button(say('wipe'), () => askAndWipe([sheet], home), 'sm'))));
    }
    if (step) history.replaceState(null, '', root);
    show(make('h1', { textContent: say('title') }), make('p', { className: 'muted', textContent: sheets.length ? say('home.what', { address: location.origin + root }) : say('home.none') }), list,
      ...(locked ? [make('p', { textContent: say('home.locked', { n: locked }) }), codeView(home)] : []),
      ...(sheets.length ? [make('p', { className: 'bar' }, button(say('wipe.all'), async () => askAndWipe(await read('sheets'), home)))] : []));
  }
  async function leaveView(user) {                         // after signing out: what this person has left on the device
    const mine = (await read('sheets')).filter(sheet => sheet.user === user), lost = { n: mine.length, answers: 0, photos: 0 };
    for (const sheet of mine) { const n = await unsent(sheet); lost.answers += n.answers; lost.photos += n.photos; }
    history.replaceState(null, '', root);
    if (mine.length && !lost.answers && !lost.photos) await wipe(mine.map(sheet => sheet.id));
    const left = lost.answers + lost.photos;
    show(make('h1', { textContent: say('left') }), make('section', { className: 'card narrow' }, make('p', { textContent: left ? say('left.unsent', lost) : mine.length ? say('left.wiped', lost) : say('left.nothing') }),
      make('div', { className: 'bar end' }, ...(left ? [button(say('left.wipe'), () => askAndWipe(mine, home)), button(say('left.keep'), home)] : []), make('a', { className: 'btn pri', href: page.dataset.door, textContent: say('signin') }))));
  }
  once(async () => {
    if (!able) return show(make('p', { textContent: say('unable') }));
    if ((await read('sheets')).length) mark(true);
    const left = new URLSearchParams(location.search).get('left'), view = step ? sheetView : home;
    const meeting = meet(), kept = (await read('sheets')).length;
    await (kept ? Promise.race([meeting, sleep(2000)]) : meeting);      // a weak signal does not keep a sheet closed
    if (left !== null) return leaveView(+left);
    meeting.then(async () => {
      const registered = me && await navigator.serviceWorker.getRegistration(root);
      if (registered) registered.update().catch(() => {});
      if (current) await status();
      else if ($('#code') && !$('#code').value && me && open_keys[me.user]) await view();
    });
    await view();
  });
})();
