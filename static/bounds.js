/* What an answer may be at least and at most follows the other answers of the page: the server's words, filled in. */
(function () {
  'use strict';
  const t = window.tendover;
  if (!t) return;
  const show = form => {
    const scope = t.refresh(form);
    for (const hint of form.querySelectorAll('[data-bounds]')) {
      const words = JSON.parse(hint.dataset.bounds), input = document.getElementById(hint.id.slice(0, -2));
      const said = Object.keys(words).map(way => t.bound(input, way, scope)).map((at, i) => at && Object.values(words)[i].replace('{bound}', at));
      hint.textContent = said.filter(Boolean).join(document.documentElement.lang === 'en' ? '; ' : '；');
      hint.hidden = !hint.textContent;
    }
  };
  for (const form of document.querySelectorAll('form.tf')) {
    form.addEventListener('change', () => show(form));
    show(form);
  }
})();
