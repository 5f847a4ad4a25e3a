// Says beside the button what went wrong with a passkey; otherwise only the console would know.
// At an address where no passkey works, the log-in page does not offer one.
(function () {
  const isNumber = /^[\d.]+$|^\[/.test(location.hostname);
  const way = document.getElementById("passkey_way");
  if (way) way.hidden = isNumber || !window.isSecureContext || !window.PublicKeyCredential;

  let pressed = null;
  document.addEventListener("click", (event) => {
    pressed = event.target.closest("button") || pressed;
  }, true);

  const reasons = { NotAllowedError: "refused", AbortError: "refused", InvalidStateError: "known" };

  document.addEventListener("allauth.error", (event) => {
    const said = document.getElementById("passkey_problem");
    const name = event.detail.exception.name;
    const works = window.isSecureContext && window.PublicKeyCredential && name !== "SecurityError";
    event.preventDefault();
    if (pressed) pressed.after(said);
    said.hidden = false;
    said.textContent = said.dataset[works ? reasons[name] || "failed" : "impossible"];
  });
})();
