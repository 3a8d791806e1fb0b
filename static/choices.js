/* What was said of a choice goes once one is made; what else is wrong is said again when it is sent. */
document.addEventListener('change', event => {
  const set = event.target.matches('[type=radio]') && event.target.closest('fieldset');
  if (!set) return;
  set.parentNode.querySelectorAll('.err').forEach(one => one.remove());
  set.parentNode.classList.remove('bad-field');
  set.removeAttribute('aria-describedby');
});
