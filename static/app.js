/* Tendover. An extra: each page works without scripts, in the same words. For Chromium 86 (360, QQ) and later. */
(function () {
  'use strict';
  const $ = (selector, root) => (root || document).querySelector(selector);
  const $$ = (selector, root) => Array.from((root || document).querySelectorAll(selector));
  const json = text => (text ? JSON.parse(text) : null);
  document.documentElement.classList.add('js');

  /* -- FEEL as casework/forms/browser.py gives it --
     Doubles, so results are rounded to 15 digits; dates are text, a duration is {d: days}; wrong type: null. */
  const isNumber = v => typeof v === 'number', isText = v => typeof v === 'string', isList = Array.isArray;
  const isDate = v => /^\d{4}-\d\d-\d\d$/.test(v);
  const tidy = n => (isFinite(n) ? +n.toPrecision(15) : null);
  const day = text => Date.parse(text + 'T00:00Z') / 864e5;
  const iso = days => (isNaN(days) ? '' : new Date(days * 864e5).toISOString().slice(0, 10));
  const equal = (a, b) => (a === null || b === null ? a === b : typeof a === typeof b ? a === b : null);
  const order = (a, b) => (a && a.d && b && b.d ? a.d - b.d : typeof a !== typeof b || !(isNumber(a) || isText(a)) ? null : a < b ? -1 : +(a > b));
  const any = (stop, list) => (list.includes(stop) ? stop : list.every(v => v === !stop) ? !stop : null);
  const round = (f, v, n) => (isNumber(v) ? tidy(f(tidy(v * Math.pow(10, n || 0))) / Math.pow(10, n || 0)) : null);
  const many = f => (...given) => {
    const list = isList(given[0]) ? given[0] : given;
    return list.length && list.every(isNumber) ? tidy(f(list)) : null;
  };
  function reckon(op, a, b) {
    if (op === '+' && isText(a) && isText(b)) return a + b;
    if (isDate(a) && b && b.d) return iso(day(a) + (op === '+' ? b.d : -b.d));
    if (op === '-' && isDate(a) && isDate(b)) return { d: day(a) - day(b) };
    if (!isNumber(a) || !isNumber(b)) return null;
    return tidy(op === '+' ? a + b : op === '-' ? a - b : op === '*' ? a * b : a / b);
  }
  const step = (v, name) => (isList(v) ? v.map(x => step(x, name)) : v && typeof v === 'object' && name in v ? v[name] : null);
  const ops = {
    not: v => (typeof v === 'boolean' ? !v : null),
    and: (a, b) => any(false, [a, b]), or: (a, b) => any(true, [a, b]),
    '=': equal,
    '<': (a, b) => { const o = order(a, b); return o === null ? null : o < 0; },
    '<=': (a, b) => { const o = order(a, b); return o === null ? null : o <= 0; },
    list: (...v) => v,
    count: v => (isList(v) ? v.length : null),
    sum: many(n => n.reduce((s, x) => s + x, 0)), min: many(n => Math.min(...n)), max: many(n => Math.max(...n)),
    abs: v => round(Math.abs, v), floor: (v, n) => round(Math.floor, v, n), ceiling: (v, n) => round(Math.ceil, v, n),
    contains: (s, t) => (isText(s) && isText(t) ? s.includes(t) : null),
    'string length': s => (isText(s) ? Array.from(s).length : null),
    'list contains': (l, v) => (isList(l) ? l.some(x => equal(x, v)) : null)
  };
  for (const op of '+-*/') ops[op] = (a, b) => reckon(op, a, b);
  function evaluate(tree, scope) {
    if (!isList(tree)) return tree;
    const op = tree[0], at = i => evaluate(tree[i], scope), within = more => Object.assign({}, scope, more);
    if (op === 'v') return tree.slice(1).reduce(step, scope);
    if (op === '.') return step(at(1), tree[2]);
    if (op === 'if') return at(at(1) === true ? 2 : 3);
    if (op === 'some' || op === 'filter') {
      const list = at(1);
      if (!isList(list)) return null;
      if (op === 'some') return any(true, list.map(x => evaluate(tree[3], within({ [tree[2]]: x }))).concat(false));
      return list.filter(x => evaluate(tree[2], within(Object.assign({ item: x }, x))) === true);
    }
    return ops[op](...tree.slice(1).map(x => evaluate(x, scope)));
  }

  /* -- what was typed, read as casework/forms/typed.py does -- */
  const plain = text => text.normalize('NFKC').trim();
  function readNumber(text) {
    let s = plain(text).replace(/[,\s]/g, '').replace(/(元|㎡|m2|平方米|户|层|年|个|%)$/, '');
    const times = s.endsWith('万') ? 1e4 : 1;
    if (times > 1) s = s.slice(0, -1);
    return /^[-+]?(\d+\.?\d*|\.\d+)$/.test(s) ? tidy(s * times) : null;
  }
  function readDate(text) {
    const m = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/.exec(plain(text));
    if (!m) return null;
    const date = m.slice(1).map(x => x.padStart(2, '0')).join('-');
    return iso(day(date)) === date ? date : null;
  }
  function read(input) {
    if (input.type === 'checkbox') return input.checked;
    const text = input.value;
    if (!text.trim()) return null;
    if (input.dataset.type === 'number') return readNumber(text);
    if (input.dataset.type === 'date') return readDate(text);
    return input.dataset.type === 'code' ? plain(text).replace(/\s/g, '') : text.trim();
  }
  function gather(root, inRow) {
    const found = {};
    for (const el of $$('[data-key]', root)) {
      if (!inRow && el.closest('.tf-row')) continue;
      const key = el.dataset.key, part = key in found ? found[key] : null;
      if (el.closest('[data-gone]')) found[key] = part;
      else if (el.type === 'radio') found[key] = el.checked ? el.value : part;
      else if (el.dataset.many) found[key] = el.checked ? (part || []).concat(el.value) : part;
      else found[key] = read(el);
    }
    return found;
  }
  function shown(value, el) {
    const places = el.dataset.places;
    return value === null ? '—' : isNumber(value)
      ? value.toLocaleString('en-US', { minimumFractionDigits: el.dataset.exact ? places : 0, maximumFractionDigits: places || 12 })
      : isDate(value) && document.documentElement.lang[2] ? value.replace(/-0?(\d+)-0?(\d+)/, '年$1月$2日') : value;
  }

  /* -- live: computed values, conditions that CSS cannot say, limits -- */
  const css = !!(window.CSS && CSS.supports && CSS.supports('selector(:has(*))'));
  function scopeOf(form) {
    const scope = gather(form, false);
    for (const table of $$('[data-rows]', form)) {
      const fixed = json(table.dataset.facts) || [];
      scope[table.dataset.rows] = table.closest('[data-gone]') ? null
        : $$('.tf-row', table).map((row, i) => Object.assign({}, fixed[i], gather(row, true)));
    }
    return scope;
  }
  function rowOf(el, scope) {
    const row = el.closest('.tf-row'), table = row && row.closest('[data-rows]');
    return row && (scope[table.dataset.rows] || [])[$$('.tf-row', table).indexOf(row)];
  }
  const within = (el, scope) => Object.assign({}, scope, rowOf(el, scope));
  function compute(form, scope) {
    for (const el of $$('[data-expr]', form)) {
      const value = el.closest('[data-gone]') ? null : evaluate(json(el.dataset.expr), within(el, scope));
      (rowOf(el, scope) || scope)[el.dataset.name] = value;
      const text = shown(value, el);
      if (el.textContent !== text) el.textContent = text;
    }
  }
  function refresh(form) {
    let scope, moved = true;
    // until nothing moves
    for (let turn = 0; moved && turn < 8; turn++) {
      scope = scopeOf(form);
      compute(form, scope);
      moved = false;
      for (const el of $$('[data-hide]', form)) {
        const gone = evaluate(json(el.dataset.hide), within(el, scope)) === true;
        if (gone === el.hasAttribute('data-gone')) continue;
        moved = true;
        el.toggleAttribute('data-gone', gone);
        if (!css || el.dataset.by === 'script') el.hidden = gone;
      }
    }
    for (const el of $$('.count[data-max]', form)) {
      const have = Array.from($('#' + CSS.escape(el.dataset.for)).value).length;
      el.textContent = have + ' / ' + el.dataset.max;
      el.classList.toggle('over', have > +el.dataset.max);
    }
    return scope;
  }
  // its own rules, or those at the head of its column
  const ruled = input => {
    const cell = input.closest('.tf-row>td');
    return input.type === 'hidden' ? '' : input.dataset.check || cell && cell.closest('table').tHead.rows[0].cells[cell.cellIndex].dataset.check || '';
  };
  // a limit as it is said; only when `beyond` is beyond it
  function bound(input, way, scope, beyond) {
    const c = json(ruled(input));
    let at = c && c[way] ? evaluate(c[way][0], within(input, scope)) : null;
    if (at === null || beyond !== undefined && !(order(beyond, at) * (way === 'min' ? -1 : 1) > 0)) return '';
    if (isNumber(at) && c.places) at = ops[way === 'min' ? 'ceiling' : 'floor'](at, c.places[0]);
    return shown(at, document.body);
  }
  // the server's sentence, filled in
  function complaint(input, scope) {
    const c = json(ruled(input)), text = input.value.trim();
    if (!c || !text || input.closest('[data-gone]')) return '';
    const value = read(input);
    if (value === null) return c.number || c.date || '';
    for (const way of ['min', 'max']) {
      const at = bound(input, way, scope, value);
      if (at) return c[way][1].replace('{bound}', at);
    }
    if (c.idcard && !(window.tendover.cardNumber || Boolean)(text)) return c.idcard;
    if (c.places && tidy(value * Math.pow(10, c.places[0])) % 1) return c.places[1];
    const have = Array.from(String(value)).length;
    if (c.minLength && have < c.minLength[0]) return c.minLength[1];
    if (c.maxLength && have > c.maxLength[0]) return c.maxLength[1].replace('{have}', have);
    return '';
  }
  function say(input, message) {
    const id = input.id + '-err', cell = input.closest('td,.field');
    let p = document.getElementById(id);
    if ((p ? p.lastChild.textContent : '') === message) return;
    const others = (input.getAttribute('aria-describedby') || '').split(' ').filter(x => x && x !== id);
    if (p) p.remove();
    if (message) {
      p = document.createElement('p');
      p.className = 'err';
      p.id = id;
      p.append(message);
      const frame = input.closest('.affix') || input;
      if (cell.matches('td')) frame.after(p); else frame.before(p);
      others.push(id);
    }
    input.setAttribute('aria-invalid', !!message);
    input.setAttribute('aria-describedby', others.join(' '));
    if (cell.matches('.field')) cell.classList.toggle('bad-field', !!message);
  }

  /* -- rows and files: the same request as without scripts, one zone of the answer swapped in -- */
  function body(form, button, zone) {
    const data = new FormData(form);
    for (const file of $$('input[type=file]', form)) if (!zone || !zone.contains(file)) data.delete(file.name);
    data.append(button.name, button.value);
    return data;
  }
  async function swap(form, button, zone) {
    const answer = await fetch(form.getAttribute('action') || location.href, { method: 'POST', body: body(form, button, zone), headers: { 'X-Partial': zone.id } });
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html'), fresh = page.getElementById(zone.id);
    if (!fresh || answer.status >= 500) throw new Error('no zone');
    zone.replaceWith(document.adoptNode(fresh));
    const rows = $$('.tf-row', fresh), said = fresh.dataset[button.name.slice(1)] || '';
    const live = $('#live');
    if (live) live.textContent = said.replace('{n}', rows.length);
    const to = button.name === '_fill' ? $$('[name=_fill]', fresh).find(one => one.value === button.value) : button.name === '_add' || button.name === '_paste' ? $('[data-key]', rows[rows.length - 1] || fresh)
      : $('[name="_add"]', fresh) || $('input,select,button', fresh);
    if (to) to.focus();
  }
  function wire(form) {
    let dirty = false, busy = false;
    const saved = $('.saved', form);
    let scope = refresh(form);
    const touch = () => { dirty = true; scope = refresh(form); };
    async function keep() {
      if (!dirty || busy || !form.dataset.autosave) return;
      let ok = dirty = false, why = form.dataset.lost;
      try {
        const answer = await fetch(form.dataset.autosave, { method: 'POST', body: body(form, { name: '_save', value: 1 }), headers: { 'X-Partial': 'saved' } });
        ok = answer.ok && !answer.redirected;
        if (answer.status === 400) why = (await answer.json()).lost;
      } catch (e) { ok = false; }
      dirty = dirty || !ok;
      saved.textContent = (ok ? form.dataset.kept : why).replace('{time}', new Date().toTimeString().slice(0, 5));
      saved.classList.toggle('bad', !ok);
    }
    form.addEventListener('input', event => {
      touch();
      if (event.target.getAttribute('aria-invalid') === 'true' && ruled(event.target)) say(event.target, complaint(event.target, scope));
    });
    form.addEventListener('change', event => {
      touch();
      // a limit may have moved under another answer
      for (const input of $$('[data-key]', form)) {
        const check = ruled(input);
        if (check && (input === event.target || input.value && /"m(in|ax)":\[\[/.test(check))) say(input, complaint(input, scope));
      }
    });
    form.addEventListener('submit', event => {
      const button = event.submitter, zone = button && button.closest('[data-zone]');
      if (busy) { event.preventDefault(); return; }
      busy = true;
      if (zone && /^_(add|remove|paste|drop|fill)$/.test(button.name)) {
        event.preventDefault();
        swap(form, button, zone).then(() => { busy = false; touch(); }, () => {
          const field = document.createElement('input');
          Object.assign(field, { type: 'hidden', name: button.name, value: button.value });
          form.append(field);
          dirty = false;
          HTMLFormElement.prototype.submit.call(form);
        });
        return;
      }
      dirty = false;
      if (button) button.setAttribute('aria-disabled', 'true');
    });
    addEventListener('pageshow', () => { busy = false; $$('[aria-disabled]', form).forEach(b => b.removeAttribute('aria-disabled')); });
    addEventListener('beforeunload', event => { if (dirty && !busy && form.dataset.form) { event.preventDefault(); event.returnValue = ''; } });
    document.addEventListener('visibilitychange', () => { if (document.hidden) keep(); });
    setInterval(keep, +form.dataset.every || 8000);
  }

  $$('form.tf').forEach(wire);
  const summary = $('.sum-err');
  if (summary) summary.focus();
  const watched = $('[data-refresh]');
  if (watched) setTimeout(() => location.reload(), watched.dataset.refresh * 1000);
  $$('[data-print]').forEach(button => button.addEventListener('click', () => print()));

  /* -- inbox: arrows move between cases once one has focus -- */
  const cases = $$('[data-case]');
  for (const item of cases) item.addEventListener('keydown', event => {
    const to = cases[cases.indexOf(item) + ({ ArrowDown: 1, ArrowUp: -1 }[event.key] || 0)];
    if (to && to !== item) { $('a', to).focus(); event.preventDefault(); }
  });
  /* -- a long list: on to the next row without an answer, round and round -- */
  document.addEventListener('click', event => {
    const button = event.target.closest('[data-next]');
    if (!button) return;
    const rows = $$('.tf-row', button.closest('[data-rows]')), here = rows.indexOf(document.activeElement.closest('.tf-row') || button.last);
    const open = rows.filter(row => $('[required]:invalid', row)), row = open.find(one => rows.indexOf(one) > here) || open[0];
    if (!row) return;
    const fold = $('.fold', row.parentNode);
    if (fold) fold.checked = true;
    button.last = row;
    $('[required]', row).focus({ preventScroll: true });
    row.scrollIntoView({ block: 'center' });
  });

  /* -- the form beside: the page scrolls to its end -- */
  const beside = $('form.stick');
  if (beside) new ResizeObserver(() => { beside.style.top = Math.min(84, innerHeight - beside.offsetHeight - 12) + 'px'; }).observe(beside);

  /* -- a step taken along: offered only where the device can keep it -- */
  const able = !!(window.isSecureContext && navigator.serviceWorker && window.caches && window.indexedDB && crypto.subtle && window.HTMLDialogElement);
  const along = $('#take-along');
  if (along) along.hidden = !able;

  /* -- earlier answers come when they are opened; without scripts their link leads to them -- */
  for (const box of $$('details.earlier')) box.addEventListener('toggle', async () => {
    const link = $('p>a', box);
    if (!box.open || !link) return;
    const answer = await fetch(link.href).catch(() => null);
    if (!answer || !answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html'), script = $('script[src*=pictures]', page);
    link.parentNode.replaceWith(...$$('main section', page));
    if (script && !$('script[src*=pictures]')) document.head.append(Object.assign(document.createElement('script'), { src: script.getAttribute('src') }));
  });
  window.tendover = { able, wire, evaluate, readNumber, readDate, refresh, complaint, bound };
})();
