/* Whether this browser can keep a step that is taken along; its link shows only then. */
(function () {
  'use strict';
  const able = !!(window.isSecureContext && navigator.serviceWorker && window.caches && window.indexedDB && window.crypto.subtle && window.HTMLDialogElement);
  const along = document.querySelector('#take-along');
  if (along) along.hidden = !able;
  window.tendover.able = able;
})();
