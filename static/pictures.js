'use strict';
/* The large picture above the page; without scripts the link leads to it. */
document.addEventListener('click', event => {
  const link = event.target.closest('a[data-large]');
  if (!link || !window.HTMLDialogElement || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const box = document.createElement('dialog'), image = new Image(), words = document.createElement('p'), close = document.createElement('button');
  const name = link.querySelector('img').alt;
  Object.assign(image, { src: link.href, alt: name });
  box.className = 'large';
  box.setAttribute('aria-label', name);
  words.textContent = name;
  Object.assign(close, { type: 'button', className: 'btn', textContent: link.dataset.large, onclick: () => box.close() });
  box.append(image, words, close);
  box.addEventListener('click', at => { if (at.target === box) box.close(); });
  box.addEventListener('close', () => { box.remove(); link.focus(); });
  document.body.append(box);
  box.showModal();
});
