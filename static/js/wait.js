// Counts down until another code can be asked for; then the sentence goes.
for (const sentence of document.querySelectorAll("[data-wait]")) {
  const ends = Date.now() + sentence.dataset.wait * 1000;
  const tick = () => {
    const left = Math.ceil((ends - Date.now()) / 1000);
    if (left < 1) return sentence.remove();
    sentence.textContent = left === 1 ? sentence.dataset.one : sentence.dataset.many.replace("2", left);
    setTimeout(tick, 250);
  };
  tick();
}
