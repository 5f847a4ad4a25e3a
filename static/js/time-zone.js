// Tells the form which time zone the browser is in, so that times need no translating later.
const { timeZone = "" } = Intl.DateTimeFormat().resolvedOptions();
for (const field of document.querySelectorAll("[data-time-zone]")) {
  // A list may lack the zone; then its choice stays.
  if (field.options && ![...field.options].some((option) => option.value === timeZone)) continue;
  field.value = timeZone;
}
