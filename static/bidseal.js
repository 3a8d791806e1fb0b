/* Tendover. A bid is judged, sealed and sent: its form says here what the server would say, then only ciphertext leaves. */
(function () {
  'use strict';
  const home = window.bidroom, S = window.sealing, { $, $$, form, to, urls, says, rules, fill, bytes, send, tell, download, upload, typed, rowsOf } = home;
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
  function mark(list) {                                    // the controls themselves show it too, until they are changed
    $$('[data-missing]', form).forEach(unmark);
    home.marking = true;
    for (const [el] of list) {
      if (!el.dataset.key) continue;
      el.setAttribute('aria-invalid', 'true');
      if (empty(el) || el.type === 'file') el.dataset.missing = '1'; else el.dispatchEvent(new Event('change', { bubbles: true }));
    }
    home.marking = false;
  }
  function unmark(el) {
    if (!el.dataset.missing) return;
    delete el.dataset.missing;
    el.removeAttribute('aria-invalid');
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
  for (const kind of ['input', 'change']) form.addEventListener(kind, event => unmark(event.target));
  async function deliver() {
    tell(says.sealing);
    await home.save();
    const blob = await S.seal(await S.pack(to.about, typed(), await attached()), to), digest = await S.sha256(blob);
    const id = await upload(blob, part => tell(fill(says.sending, { percent: Math.round(part * 100) })));
    const placed = await send(urls.place, JSON.stringify({ token: id }), 'application/json').catch(e => { throw e.message === says.failed ? new Error(says.unsure) : e; });
    const receipt = await placed.json();
    delete form.dataset.form;
    home.done();
    form.hidden = true;
    for (const card of $$('#room>.card,#with-script,#room>.note.warn')) card.hidden = card.id !== 'placed';
    tell('');
    for (const dd of $$('[data-part]', $('#placed'))) dd.textContent = receipt.shown[dd.dataset.part];
    const same = $('#same');
    same.textContent = receipt.sha256 === digest ? says.same : says.other;
    same.className = receipt.sha256 === digest ? 'tag ok' : 'tag bad';
    $('#copy').onclick = () => download(to.tender + '.bid', blob, bytes);
    $('#receipt').onclick = () => download(to.tender + '-receipt-' + receipt.no + '.json', JSON.stringify(receipt.file, null, 1), 'application/json');
    $('#seal-faults').hidden = true;
    $('#placed').scrollIntoView();
    $('#placed').focus();
  }
  home.seal = async () => {
    const list = await faults();
    show(list);
    if (!list.length || $('#despite').checked) await deliver();
  };
})();
