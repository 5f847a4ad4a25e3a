// Sends a form that waits for its turn once the seconds it names are over; without this there is its button.
for (const form of document.querySelectorAll("form[data-continue]")) {
  const said = form.querySelector("[data-many]");
  const ends = Date.now() + form.dataset.continue * 1000;
  const tick = () => {
    const left = Math.ceil((ends - Date.now()) / 1000);
    if (left < 1) return form.requestSubmit();
    said.textContent = left === 1 ? said.dataset.one : said.dataset.many.replace("2", left);
    setTimeout(tick, 250);
  };
  tick();
}
