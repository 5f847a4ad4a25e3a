// What htmx leaves unsaid: that a request is on its way, that it led elsewhere, that it failed.
document.addEventListener("htmx:beforeRequest", ({ detail }) => detail.target.setAttribute("aria-busy", "true"));
document.addEventListener("htmx:afterRequest", ({ detail }) => detail.target.removeAttribute("aria-busy"));

// A page made for one person that comes back from the browser's memory shows what was so before.
window.addEventListener("pageshow", ({ persisted }) => {
  if (persisted && document.querySelector('form[action$="/logout/"]')) location.reload();
});

// A limit: the piece that says which is shown like any other, a page that says so is left out.
const isLimit = (xhr) => [429, 503].includes(xhr?.status);

// A whole page without the piece that was asked for is another page, such as the log-in.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, requestConfig } = event.detail;
  if (isLimit(xhr) && !/^\s*<!doctype/i.test(xhr.responseText)) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
  if (xhr.status >= 400 || !/^\s*<!doctype/i.test(xhr.responseText)) return;
  const piece = requestConfig.elt.closest("[data-hx-select]")?.getAttribute("data-hx-select");
  if (piece && xhr.responseText.includes(`id="${piece.slice(1)}"`)) return;
  event.detail.shouldSwap = false;
  location.assign(xhr.responseURL);
});

// A search is one step back, however many letters were typed.
document.addEventListener("htmx:beforeHistoryUpdate", ({ detail }) => {
  const isSearch = detail.requestConfig.elt.matches('[role="search"]');
  if (isSearch && new URLSearchParams(location.search).has("q")) detail.history.type = "replace";
});

// A vote that has to wait does so on the page of the web server that sends it again.
const waitsInPage = ({ xhr, requestConfig }) => {
  if (xhr?.status !== 503 || requestConfig.verb !== "post" || !xhr.responseText.includes("data-continue")) return false;
  const form = Object.assign(document.createElement("form"), { method: "post", action: requestConfig.path, hidden: true });
  for (const [name, value] of Object.entries(requestConfig.parameters)) {
    form.append(Object.assign(document.createElement("input"), { name, value }));
  }
  document.body.append(form);
  form.submit();
  return true;
};

const sayThatItFailed = ({ detail }) => {
  if (waitsInPage(detail)) return;
  if (detail.elt.matches('[data-hx-trigger^="every"]')) return;
  const messages = document.getElementById("messages");
  const said = document.getElementById(isLimit(detail.xhr) ? "request-limited" : "request-failed");
  messages.replaceChildren(said.content.cloneNode(true));
  messages.scrollIntoView({ block: "center" });
};
for (const failure of ["htmx:sendError", "htmx:responseError"]) document.addEventListener(failure, sayThatItFailed);
