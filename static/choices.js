/* What was said of a choice goes once one is made, there and at the head of the page; what else is wrong is said again when it is sent. */
document.addEventListener('change', event => {
  const one = event.target, set = one.closest('fieldset'), place = one.closest('.field,td>div');
  if (!place || !one.matches('select,[type=radio],[type=checkbox]') || one.closest('[data-all]')) return;
  if (!(one.matches('select') ? one.value : one.checked || set && set.querySelector(':checked'))) return;
  const said = place.querySelector('.err'), told = set || one;
  if (!said) return;
  const others = (told.getAttribute('aria-describedby') || '').split(/\s+/).filter(id => id && id !== said.id);
  if (others.length) told.setAttribute('aria-describedby', others.join(' '));
  else told.removeAttribute('aria-describedby');
  one.removeAttribute('aria-invalid');
  place.classList.remove('bad-field');
  said.remove();
  const sum = document.querySelector('.sum-err'), entry = sum && Array.from(sum.querySelectorAll('a'), a => a.hash && place.querySelector('#' + CSS.escape(a.hash.slice(1))) && a.closest('li')).find(Boolean);
  if (!entry) return;
  const folded = entry.closest('details'), left = sum.querySelectorAll('li').length - 1, less = (at, n) => { at.textContent = at.textContent.replace(/\d+/, n); };
  entry.remove();
  if (!left) { sum.remove(); return; }
  const head = sum.querySelector('h2');
  if (left > 1) less(head, left);
  else head.textContent = head.dataset.one;
  if (folded) less(folded.querySelector('summary'), folded.querySelectorAll('li').length);
});
