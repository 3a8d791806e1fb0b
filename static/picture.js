/* A wide drawing opens where the case is. */
(function () {
  'use strict';
  const here = document.querySelector('.scroll .picture .late, .scroll .picture .now');
  if (!here) return;
  const box = here.closest('.scroll'), at = here.getBoundingClientRect(), frame = box.getBoundingClientRect();
  box.scrollLeft += at.left + at.width / 2 - frame.left - frame.width / 2;
  box.scrollTop += at.top + at.height / 2 - frame.top - frame.height / 2;
})();
