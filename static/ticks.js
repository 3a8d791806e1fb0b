/* A list of boxes that must all be ticked says which are left, in the server's words. */
(function () {
  'use strict';
  for (const form of document.querySelectorAll('form.tf')) form.addEventListener('change', event => {
    const all = event.target.closest('fieldset[data-all]');
    if (!all) return;
    const left = Array.from(all.querySelectorAll('input'), one => one.checked ? '' : one.labels[0].textContent).filter(Boolean);
    let said = all.querySelector('.err');
    all.closest('.field').classList.toggle('bad-field', !!left.length);
    if (said) said.hidden = !left.length;
    else if (left.length) {
      said = document.createElement('p');
      said.className = 'err';
      said.id = event.target.id.replace(/-\d+$/, '-err');
      all.querySelector('.pick').before(said);
      all.setAttribute('aria-describedby', ((all.getAttribute('aria-describedby') || '') + ' ' + said.id).trim());
    }
    if (left.length) said.textContent = all.dataset.all.replace('{left}', left.join(document.documentElement.lang === 'en' ? ', ' : '、'));
  });
})();
