/* A wide drawing opens where the case is, or where it has ended; links lead to each step that waits. */
(function () {
  'use strict';
  const middle = (step, box, share = 0.5) => {
    const at = step.getBoundingClientRect(), frame = box.getBoundingClientRect();
    box.scrollLeft += at.left + at.width / 2 - frame.left - frame.width * share;
    box.scrollTop += at.top + at.height / 2 - frame.top - frame.height / 2;
  };
  const ended = document.querySelector('.scroll[data-end]');
  const first = document.querySelector('.scroll .picture .late, .scroll .picture .now')
    || (ended && ended.querySelector(`[data-element="${CSS.escape(ended.dataset.end)}"]`)) || document.querySelector('.scroll .picture .skip');
  if (first) middle(first, first.closest('.scroll'), first.matches('.done') ? 0.85 : 0.5);
  for (const link of document.querySelectorAll('a[href^="#at-"]')) link.addEventListener('click', event => {
    const step = document.getElementById(link.hash.slice(1)), box = step && step.closest('.scroll');
    if (!box) return;
    event.preventDefault();
    box.focus({ preventScroll: true });
    box.scrollIntoView({ block: 'nearest' });
    middle(step, box);
  });
})();
