/* Tendover. The key room: a holder's key is made, tried out and released here; the passphrase never leaves the page. */
(function () {
  'use strict';
  const $ = (s, r) => (r || document).querySelector(s), $$ = (s, r) => Array.from((r || document).querySelectorAll(s));
  const S = window.sealing, room = $('#keyroom');
  if (!room) return;
  const says = JSON.parse(room.dataset.says), token = $('input[name=csrf_token]').value;
  const fill = (text, given) => text.replace(/\{(\w+)\}/g, (_, k) => given[k]);
  if (!S.able) return;
  const no = $('#no-seal');
  if (no) no.hidden = true;
  $('#with-script').hidden = false;
  const state = $('#key-state');
  function tell(words, tone) { state.className = 'note ' + (tone || ''); state.textContent = words; state.hidden = !words; if (words) state.scrollIntoView({ block: 'nearest' }); }
  async function post(url, body) {
    const answer = await fetch(url, { method: 'POST', body: JSON.stringify(body), headers: { 'X-CSRFToken': token, 'Content-Type': 'application/json' } });
    if (answer.redirected) throw new Error(says.gone);
    if (answer.ok) return answer.json();
    const said = $('main .card p:not(.muted)', new DOMParser().parseFromString(await answer.text(), 'text/html'));
    throw new Error(said ? said.textContent : says.failed);
  }
  let busy = false;
  async function once(work) {
    if (busy) return;
    busy = true;
    $$('button', room).forEach(b => b.setAttribute('aria-disabled', 'true'));
    try { await work(); } catch (e) { tell(e.message || says.failed, 'warn'); }
    busy = false;
    $$('button', room).forEach(b => b.removeAttribute('aria-disabled'));
  }
  function word(input) {                                   // a passphrase, or the recovery code with its lines checked
    if (input.id !== 'code') { if (!input.value) throw new Error(says.empty); return input.value; }
    const read = S.readCode(input.value);
    if (read.wrong) throw new Error(fill(says.slip, { lines: read.wrong.join('、') }));
    if (!read.code) throw new Error(fill(says.short, { have: read.have }));
    return read.code;
  }
  async function opened(wrapped) {
    const way = $('input[name=way]:checked').value, input = $(way === 'paper' ? '#code' : '#word');
    const said = word(input);
    tell(says.opening);
    try { return await S.unwrap(wrapped[way], said); } catch (e) { throw new Error(says.wrong); }
  }
  $$('input[name=way]').forEach(r => r.addEventListener('change', () => {
    const paper = $('input[name=way]:checked').value === 'paper';
    $('#by-word').hidden = paper;
    $('#by-code').hidden = !paper;
  }));

  /* -- making -- */
  let made = room.dataset.made ? JSON.parse(room.dataset.made) : null;
  const make = $('#make');
  if (make) make.addEventListener('click', () => once(async () => {
    const first = $('#first').value, second = $('#second').value;
    if (Array.from(first).length < 12) throw new Error(says.weak);
    if (first !== second) throw new Error(says.differ);
    tell(says.making);
    const key = await S.newKey(), code = S.newCode();
    const wrapped = { passphrase: await S.wrap(key.pkcs8, first), paper: await S.wrap(key.pkcs8, S.readCode(code).code) };
    const riddle = await post(room.dataset.deposit, { public: key.public, wrapped });
    key.pkcs8.fill(0);
    $('#first').value = $('#second').value = '';
    made = { public: key.public, wrapped, riddle };
    $('#paper').textContent = code;
    $('#paper-box').hidden = false;
    $('#step-make').hidden = true;
    $('#step-try').hidden = false;
    tell('');
    $('#step-try').scrollIntoView();
  }));
  const prove = $('#prove');
  if (prove) prove.addEventListener('submit', event => {
    event.preventDefault();
    event.stopImmediatePropagation();
    once(async () => {
      if (!$('#kept').checked) throw new Error(says.keep);
      const pkcs8 = await opened(made.wrapped);
      $('#answer').value = await S.solve(pkcs8, made.public, made.riddle);
      $('#word').value = $('#code').value = '';
      HTMLFormElement.prototype.submit.call(prove);
    });
  });

  /* -- releasing -- */
  const release = $('#release');
  if (release) release.addEventListener('submit', event => {
    event.preventDefault();
    event.stopImmediatePropagation();
    once(async () => {
      if (gone && gone.checked) { HTMLFormElement.prototype.submit.call(release); return; }
      const pkcs8 = await opened(JSON.parse(room.dataset.wrapped));
      $('#private').value = S.hex(pkcs8);
      $('#word').value = $('#code').value = '';
      HTMLFormElement.prototype.submit.call(release);
    });
  });
  const gone = $('#release [name=key_lost]');              // nothing is unlocked then
  if (gone) {
    const button = $('#release .btn.pri'), words = button.textContent;
    const look = () => { $('#unlock').hidden = gone.checked; button.textContent = gone.checked ? button.dataset.lost : words; };
    gone.addEventListener('change', look);
    look();
  }
  const again = $('#again');
  if (again) again.addEventListener('click', () => { $('#step-try').hidden = true; $('#step-make').hidden = false; again.closest('.bar').hidden = true; });
  const copy = $('#print-code');
  if (copy) copy.addEventListener('click', () => print());
})();
