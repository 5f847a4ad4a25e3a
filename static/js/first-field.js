// Puts the cursor into the first field of a form that one fills in at once, if that is in view without scrolling.
// Not on a touch screen, where a keyboard would cover the page, and not if a link leads to another part of it.
const form = document.querySelector("form[data-first-field]");
if (form && !location.hash && document.activeElement === document.body && matchMedia("(pointer: fine)").matches) {
  const fields = [...form.querySelectorAll("input:not([type=submit]), select, textarea")].filter((field) => field.checkVisibility());
  const first = fields.find((field) => field.type !== "radio" || field.checked) ?? fields[0];
  if (first && first.getBoundingClientRect().bottom <= innerHeight) first.focus({ preventScroll: true });
}
