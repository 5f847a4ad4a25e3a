// A form is sent once, however often its button is pressed. The server answers a second one as the first.
(() => {
  const sent = new Map();
  const MAX_WAIT_MS = 10_000; // A form that is answered by a download leaves the page as it is.

  const release = (form) => {
    clearTimeout(sent.get(form));
    sent.delete(form);
    form.removeAttribute("aria-busy");
    for (const button of form.querySelectorAll("[data-pressed]")) {
      button.removeAttribute("data-pressed");
      button.removeAttribute("aria-disabled");
    }
  };

  // Not disabled: a disabled button loses the focus, and its name and value would not be sent.
  const hold = (form, button) => {
    sent.set(form, setTimeout(() => release(form), MAX_WAIT_MS));
    form.setAttribute("aria-busy", "true");
    button?.setAttribute("data-pressed", "");
    button?.setAttribute("aria-disabled", "true");
  };

  const isPost = (form, button) => (button?.getAttribute("formmethod") || form.getAttribute("method") || "").toLowerCase() === "post";
  const staysHere = (form, button) => ["", "_self"].includes(button?.getAttribute("formtarget") || form.getAttribute("target") || "");

  // Before every other script hears of it, so that none sends the form a second time either.
  window.addEventListener("submit", (event) => {
    if (!sent.has(event.target)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);

  // After every other script: what one of them has stopped was not sent.
  window.addEventListener("submit", (event) => {
    const { target: form, submitter: button } = event;
    if (!event.defaultPrevented && isPost(form, button) && staysHere(form, button)) hold(form, button);
  });

  // htmx sends a form by itself; its button may be the one that asks.
  const formOf = (event) => event.detail.elt.closest("form");
  document.addEventListener("htmx:beforeRequest", (event) => {
    const form = formOf(event);
    if (!form || event.detail.requestConfig.verb !== "post" || !event.detail.elt.matches("form, button")) return;
    if (sent.has(form)) event.preventDefault();
    else hold(form, event.detail.requestConfig.triggeringEvent?.submitter || form.querySelector("button"));
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = formOf(event);
    if (form) release(form);
  });

  // Back may bring the page as it was left.
  window.addEventListener("pageshow", () => [...sent.keys()].forEach(release));
})();
