/* Tendover. Everything here is an extra: each page works with scripts off, with the same words.
   No dependency, no build step. Written for Chromium 86 (360, QQ) and later. */
(function () {
  'use strict';
  const $ = (selector, root) => (root || document).querySelector(selector);
  const $$ = (selector, root) => Array.from((root || document).querySelectorAll(selector));
  const json = text => (text ? JSON.parse(text) : null);
  document.documentElement.classList.add('js');

  /* -- FEEL: the tree the server made of the same text (casework/forms/conditions.py) --
     Numbers are doubles here and decimals there, so each result is rounded to 15 digits; dates are
     "2026-03-05"; a duration is {d: days} or {m: months}. An operation on the wrong type gives null. */
  const isNumber = v => typeof v === 'number';
  const isDate = v => /^\d{4}-\d\d-\d\d$/.test(v);
  const tidy = n => (isFinite(n) ? +n.toPrecision(15) : null);
  const numbers = args => {
    const list = args.length === 1 && Array.isArray(args[0]) ? args[0] : args;
    return list.length && list.every(isNumber) ? list : null;
  };
  const day = text => Date.parse(text + 'T00:00:00Z') / 864e5;
  const iso = days => new Date(days * 864e5).toISOString().slice(0, 10);
  const valid = text => (isDate(text) && !isNaN(day(text)) && iso(day(text)) === text ? text : null);
  function later(text, months) {
    const [y, m, d] = text.split('-').map(Number), last = new Date(Date.UTC(y, m + months, 0));
    return iso(Date.UTC(last.getUTCFullYear(), last.getUTCMonth(), Math.min(d, last.getUTCDate())) / 864e5);
  }
  function equal(a, b) {
    if (a === null || b === null) return a === b;
    if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((x, i) => equal(x, b[i]) === true);
    if (typeof a !== typeof b) return null;
    return typeof a === 'object' ? JSON.stringify(a) === JSON.stringify(b) : a === b;
  }
  function order(a, b) {                                   // -1, 0, 1, or null when they cannot be compared
    if (a && b && isNumber(a.d) && isNumber(b.d)) { a = a.d; b = b.d; }
    if (a && b && isNumber(a.m) && isNumber(b.m)) { a = a.m; b = b.m; }
    return typeof a !== typeof b || !/number|string/.test(typeof a) ? null : a < b ? -1 : a > b ? 1 : 0;
  }
  const ask = (sign, o) => (o === null ? null : sign === '<' ? o < 0 : sign === '<=' ? o <= 0 : sign === '>' ? o > 0 : o >= 0);
  function between(x, r) {
    const low = ask(r[2] === '[' ? '>=' : '>', order(x, r[0])), high = ask(r[3] === ']' ? '<=' : '<', order(x, r[1]));
    return low === null || high === null ? null : low && high;
  }
  function sum(op, a, b) {
    if (op === '+' && typeof a === 'string' && typeof b === 'string') return a + b;
    if (isDate(a) && b && isNumber(b.d)) return iso(day(a) + (op === '+' ? b.d : -b.d));
    if (isDate(a) && b && isNumber(b.m)) return later(a, op === '+' ? b.m : -b.m);
    if (op === '-' && isDate(a) && isDate(b)) return { d: day(a) - day(b) };
    if (!isNumber(a) || !isNumber(b)) return null;
    return tidy(op === '+' ? a + b : op === '-' ? a - b : op === '*' ? a * b : op === '/' ? a / b : Math.pow(a, b));
  }
  const scale = (f, v, n) => (isNumber(v) ? tidy(f(tidy(v * Math.pow(10, n || 0))) / Math.pow(10, n || 0)) : null);
  const half = v => Math.sign(v) * Math.round(Math.abs(v));
  const even = v => (Math.abs(v % 1) === 0.5 ? 2 * Math.round(v / 2) : Math.round(v));
  const call = {
    not: v => (typeof v === 'boolean' ? !v : null),
    count: v => (Array.isArray(v) ? v.length : null),
    sum() { const n = numbers(Array.from(arguments)); return n && tidy(n.reduce((s, x) => s + x, 0)); },
    min() { const n = numbers(Array.from(arguments)); return n && Math.min(...n); },
    max() { const n = numbers(Array.from(arguments)); return n && Math.max(...n); },
    mean() { const n = numbers(Array.from(arguments)); return n && tidy(n.reduce((s, x) => s + x, 0) / n.length); },
    abs: v => (isNumber(v) ? Math.abs(v) : null),
    floor: (v, n) => scale(Math.floor, v, n), ceiling: (v, n) => scale(Math.ceil, v, n),
    decimal: (v, n) => scale(even, v, n), 'round half up': (v, n) => scale(half, v, n),
    'round up': (v, n) => scale(x => Math.sign(x) * Math.ceil(Math.abs(x)), v, n), 'round down': (v, n) => scale(Math.trunc, v, n),
    contains: (s, t) => (typeof s === 'string' && typeof t === 'string' ? s.includes(t) : null),
    'starts with': (s, t) => (typeof s === 'string' && typeof t === 'string' ? s.startsWith(t) : null),
    'ends with': (s, t) => (typeof s === 'string' && typeof t === 'string' ? s.endsWith(t) : null),
    'string length': s => (typeof s === 'string' ? Array.from(s).length : null),
    'upper case': s => (typeof s === 'string' ? s.toUpperCase() : null),
    'lower case': s => (typeof s === 'string' ? s.toLowerCase() : null),
    'list contains': (l, v) => (Array.isArray(l) ? l.some(x => equal(x, v) === true) : null),
    'distinct values': l => (Array.isArray(l) ? l.filter((x, i) => l.findIndex(y => equal(x, y) === true) === i) : null),
    date: v => valid(v),
    duration(v) {
      const m = /^(-?)P(?:(\d+)Y)?(?:(\d+)M)?$/.exec(v), d = /^(-?)P(\d+)D$/.exec(v), sign = x => (x[1] ? -1 : 1);
      return v === 'P' ? null : m ? { m: sign(m) * (12 * (m[2] || 0) + +(m[3] || 0)) } : d ? { d: sign(d) * d[2] } : null;
    },
    all() { return fold('and', Array.from(arguments)); }, any() { return fold('or', Array.from(arguments)); }
  };
  function fold(op, values) {                              // three-valued and / or
    const list = values.length === 1 && Array.isArray(values[0]) ? values[0] : values, stop = op === 'or';
    return list.some(v => v === stop) ? stop : list.every(v => v === !stop) ? !stop : null;
  }
  const step = (v, name) => Array.isArray(v) ? v.map(x => step(x, name))
    : isDate(v) ? (name in { year: 1, month: 1, day: 1 } ? +v.split('-')[{ year: 0, month: 1, day: 2 }[name]] : null)
    : v && typeof v === 'object' && Object.prototype.hasOwnProperty.call(v, name) ? v[name] : null;
  const inner = (scope, name, value) => Object.assign({}, scope, { [name]: value });
  function evaluate(tree, scope) {
    if (!Array.isArray(tree)) return tree;
    const op = tree[0], at = i => evaluate(tree[i], scope);
    switch (op) {
      case 'v': return tree.slice(1).reduce(step, scope);
      case '.': return step(at(1), tree[2]);
      case 'list': return tree.slice(1).map(x => evaluate(x, scope));
      case 'and': case 'or': return fold(op, [at(1), at(2)]);
      case 'if': return at(1) === true ? at(2) : at(3);
      case '=': return equal(at(1), at(2));
      case '!=': { const e = equal(at(1), at(2)); return e === null ? null : !e; }
      case '<': case '<=': case '>': case '>=': return ask(op, order(at(1), at(2)));
      case '+': case '-': case '*': case '/': case '**': return sum(op, at(1), at(2));
      case 'neg': { const v = at(1); return isNumber(v) ? -v : null; }
      case 'in': {
        const x = at(1);
        return fold('or', tree.slice(2).map(t => {
          if (Array.isArray(t) && t[0] === 'range') return between(x, [evaluate(t[1], scope), evaluate(t[2], scope), t[3], t[4]]);
          if (Array.isArray(t) && t[0] === 'test') return ask(t[1], order(x, evaluate(t[2], scope)));
          const v = evaluate(t, scope);
          return Array.isArray(v) ? v.some(y => equal(x, y) === true) : equal(x, v);
        }).concat([false, false]));
      }
      case 'some': case 'every': case 'for': {
        const list = at(2);
        if (!Array.isArray(list)) return null;
        const got = list.map(x => evaluate(tree[3], inner(scope, tree[1], x)));
        return op === 'for' ? got : fold(op === 'some' ? 'or' : 'and', got.concat(got));
      }
      case 'filter': {
        const list = at(1);
        if (!Array.isArray(list)) return null;
        return list.filter(x => evaluate(tree[2], Object.assign({}, scope, x && typeof x === 'object' ? x : {}, { item: x })) === true);
      }
      case 'call': return call[tree[1]] ? call[tree[1]].apply(null, tree.slice(2).map(x => evaluate(x, scope))) : null;
    }
    return null;
  }

  /* -- what was typed, read as the server reads it (casework/forms/typed.py) -- */
  const plain = text => text.normalize('NFKC').trim();
  function readNumber(text) {
    let s = plain(text).replace(/[,\s]/g, '').replace(/(元|㎡|m2|平方米|户|层|年|个|%)$/, '');
    const times = s.endsWith('万') ? 1e4 : 1;
    if (times > 1) s = s.slice(0, -1);
    return /^[-+]?(\d+\.?\d*|\.\d+)$/.test(s) ? tidy(s * times) : NaN;
  }
  function readDate(text) {
    const m = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/.exec(plain(text));
    return m ? valid(m[1] + '-' + m[2].padStart(2, '0') + '-' + m[3].padStart(2, '0')) : null;
  }
  function read(input) {
    if (input.type === 'checkbox') return input.checked;
    const text = input.value;
    if (!text.trim()) return null;
    if (input.dataset.type === 'number') { const n = readNumber(text); return isNaN(n) ? null : n; }
    if (input.dataset.type === 'date') return readDate(text);
    return input.dataset.kind ? plain(text) : text.trim();
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
    if (value === null || value === undefined) return '—';
    if (!isNumber(value)) return String(value);
    const places = el.dataset.places, exact = el.dataset.exact;
    return value.toLocaleString('en-US', { minimumFractionDigits: exact ? +places : 0, maximumFractionDigits: places ? +places : 12 });
  }

  /* -- live: computed values, conditions that CSS cannot say, limits -- */
  const css = !!(window.CSS && CSS.supports && CSS.supports('selector(:has(*))'));
  function scopeOf(form) {
    const scope = gather(form, false);
    for (const table of $$('[data-rows]', form)) {
      const fixed = json(table.dataset.facts) || [];
      scope[table.dataset.rows] = table.closest('[data-gone]') ? null
        : $$('.tf-row', table).map((row, i) => Object.assign({}, fixed[i] || {}, gather(row, true)));
    }
    return scope;
  }
  function within(el, scope) {
    const row = el.closest('.tf-row');
    if (!row) return scope;
    const table = row.closest('[data-rows]');
    return Object.assign({}, scope, (scope[table.dataset.rows] || [])[$$('.tf-row', table).indexOf(row)]);
  }
  function compute(form, scope) {
    for (const el of $$('[data-expr]', form)) {
      const row = el.closest('.tf-row'), here = within(el, scope);
      const value = el.closest('[data-gone]') ? null : evaluate(json(el.dataset.expr), here);
      if (row) {
        const table = row.closest('[data-rows]');
        const mine = (scope[table.dataset.rows] || [])[$$('.tf-row', table).indexOf(row)];
        if (mine) mine[el.dataset.name] = value;
      } else scope[el.dataset.name] = value;
      const text = shown(value, el);
      if (el.textContent !== text) el.textContent = text;
    }
  }
  function refresh(form) {
    let scope, moved = true;
    for (let turn = 0; moved && turn < 8; turn++) {        // hidden answers read as null: repeat until nothing moves
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
  const ABC = '0123456789ABCDEFGHJKLMNPQRTUWXY';
  const sound = {
    uscc(s) {
      let total = 0, weight = 1;
      s = s.toUpperCase();
      if (s.length !== 18 || Array.from(s).some(c => !ABC.includes(c))) return false;
      for (const c of s.slice(0, 17)) { total += ABC.indexOf(c) * weight; weight = weight * 3 % 31; }
      return ABC[(31 - total % 31) % 31] === s[17];
    },
    idcard(s) {
      s = s.toUpperCase();
      let total = 0;
      for (let i = 0; i < 17; i++) total += s[i] * (Math.pow(2, 17 - i) % 11);
      return /^\d{17}[\dX]$/.test(s) && !!valid(s.slice(6, 10) + '-' + s.slice(10, 12) + '-' + s.slice(12, 14)) && '10X98765432'[total % 11] === s[17];
    }
  };
  const comma = n => n.toLocaleString('en-US', { maximumFractionDigits: 12 });
  function complaint(input, scope) {                       // the server's own sentence, its blanks filled
    const c = json(input.dataset.check), text = input.value.trim();
    if (!c || !text || input.closest('[data-gone]')) return '';
    const value = read(input), here = within(input, scope);
    if (c.number && value === null) return c.number;
    if (c.date && value === null) return c.date;
    for (const way of ['min', 'max']) {
      if (!c[way]) continue;
      let bound = evaluate(c[way][0], here);
      if (bound === null || order(value, bound) !== (way === 'min' ? -1 : 1)) continue;
      if (isNumber(bound) && c.places) bound = call[way === 'min' ? 'ceiling' : 'floor'](bound, c.places[0]);
      return c[way][1].replace('{bound}', isNumber(bound) ? comma(bound) : bound);
    }
    if (c.places && ((plain(text).replace('万', '').split('.')[1] || '').replace(/\D/g, '').length > c.places[0]) && tidy(value * Math.pow(10, c.places[0])) % 1) return c.places[1];
    const have = Array.from(String(value).replace(/\r\n/g, '\n')).length;
    if (c.minLength && have < c.minLength[0]) return c.minLength[1];
    if (c.maxLength && have > c.maxLength[0]) return c.maxLength[1].replace('{have}', have);
    if (c.pattern && !new RegExp(c.pattern[0], 'u').test(value)) return c.pattern[1];
    return c.sum && !sound[c.sum[0]](value) ? c.sum[1] : '';
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
    input.toggleAttribute('aria-invalid', !!message);
    if (message) input.setAttribute('aria-invalid', 'true');
    if (others.length) input.setAttribute('aria-describedby', others.join(' ')); else input.removeAttribute('aria-describedby');
    if (cell.matches('.field')) cell.classList.toggle('bad-field', !!message);
  }

  /* -- rows, files, fill a column: the same request as without scripts; only the zone of the answer is swapped in -- */
  const target = form => form.getAttribute('action') || location.href;
  const announce = text => { const live = $('#live'); if (live && text) live.textContent = text; };
  function body(form, button, zone) {
    const data = new FormData(form);
    for (const file of $$('input[type=file]', form)) if (!zone || !zone.contains(file)) data.delete(file.name);
    if (button) data.append(button.name, button.value);
    return data;
  }
  async function swap(form, button, zone) {
    const answer = await fetch(target(form), { method: 'POST', body: body(form, button, zone), headers: { 'X-Partial': zone.id } });
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html'), fresh = page.getElementById(zone.id);
    if (!fresh || answer.status >= 500) throw new Error('no zone');
    zone.replaceWith(document.adoptNode(fresh));
    const rows = $$('.tf-row', fresh), said = fresh.dataset[button.name.slice(1)] || '';
    announce(said.replace('{n}', rows.length));
    const to = button.name === '_add' || button.name === '_paste' ? $('input,select,textarea', rows[rows.length - 1] || fresh)
      : $('[name="_add"]', fresh) || $('input,select,button', fresh);
    if (to) to.focus();
  }
  function wire(form) {
    let dirty = false, busy = false, saving = false;
    const saved = document.getElementById(form.dataset.saved || 'saved');
    let scope = refresh(form);
    const touch = () => { dirty = true; scope = refresh(form); };
    async function keep() {
      if (!dirty || busy || saving || !form.dataset.autosave) return;
      saving = true;
      dirty = false;
      let ok = false;
      try {
        const answer = await fetch(form.dataset.autosave, { method: 'POST', body: body(form), headers: { 'X-Partial': 'saved' } });
        ok = answer.ok && !answer.redirected;
      } catch (e) { ok = false; }
      saving = false;
      if (!ok) dirty = true;
      if (!saved) return;
      const now = new Date(), time = String(now.getHours()).padStart(2, '0') + ':' + String(now.getMinutes()).padStart(2, '0');
      saved.textContent = (ok ? form.dataset.kept : form.dataset.lost || '').replace('{time}', time);
      saved.classList.toggle('bad', !ok);
    }
    form.addEventListener('input', event => {
      touch();
      if (event.target.getAttribute('aria-invalid') && event.target.dataset.check) say(event.target, complaint(event.target, scope));
    });
    form.addEventListener('change', event => {
      touch();
      for (const input of $$('[data-check]', form)) {      // a limit may have moved under another answer
        if (input === event.target || input.getAttribute('aria-invalid') || /\["(min|max)"|"m(in|ax)":\[\[/.test(input.dataset.check)) say(input, complaint(input, scope));
      }
    });
    form.addEventListener('paste', event => {
      const row = event.target.closest('.tf-row'), text = event.clipboardData ? event.clipboardData.getData('text') : '';
      const zone = row && row.closest('[data-zone]'), box = zone && $('textarea[name^="_pastetext"]', zone);
      if (!box || !/\t|\n./.test(text.trim())) return;
      event.preventDefault();
      box.value = text;
      $('[name="_paste"]', zone).click();
    });
    form.addEventListener('submit', event => {
      const button = event.submitter, zone = button && button.closest('[data-zone]');
      if (busy) { event.preventDefault(); return; }
      busy = true;
      if (zone && /^_(add|remove|paste|drop|fill)$/.test(button.name) && window.fetch) {
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
    addEventListener('beforeunload', event => { if (dirty && !busy && form.method === 'post') { event.preventDefault(); event.returnValue = ''; } });
    document.addEventListener('visibilitychange', () => { if (document.hidden) keep(); });
    setInterval(keep, +form.dataset.every || 8000);
  }

  $$('form.tf').forEach(wire);
  const summary = $('.sum-err');
  if (summary) summary.focus();
  for (const button of $$('[data-print]')) button.addEventListener('click', () => print());

  /* -- inbox: up and down move between cases once one has focus (no single-letter shortcuts: WCAG 2.1.4) -- */
  const cases = $$('[data-case]');
  for (const item of cases) item.addEventListener('keydown', event => {
    const to = cases[cases.indexOf(item) + ({ ArrowDown: 1, ArrowUp: -1 }[event.key] || 0)];
    if (to && to !== item) { $('a', to).focus(); event.preventDefault(); }
  });
  window.tendover = { evaluate, readNumber, readDate };
})();
