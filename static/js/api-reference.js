// The reference of the API. A log-in in this browser tries operations out with the CSRF token of the page.
const reference = document.getElementById("reference");
const dark = matchMedia("(prefers-color-scheme: dark)");

// Swagger UI has a dark look, and its own name for it.
const setLook = () => {
  const chosen = document.documentElement.dataset.bsTheme;
  document.documentElement.classList.toggle("dark-mode", chosen ? chosen === "dark" : dark.matches);
};

setLook();
dark.addEventListener("change", setLook);
new MutationObserver(setLook).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });

const show = (spec) => SwaggerUIBundle({
  domNode: reference,
  spec,
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  docExpansion: "list",
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis],
  requestInterceptor: (request) => {
    if (reference.dataset.token) request.headers["X-CSRFToken"] = reference.dataset.token;
    return request;
  },
});

// Until it has its definition, Swagger UI would say that there is none.
fetch(reference.dataset.url)
  .then((response) => (response.ok ? response.json() : Promise.reject()))
  .then(show)
  .catch(() => {
    reference.textContent = reference.dataset.failed;
    reference.setAttribute("role", "alert");
    reference.removeAttribute("lang");
  });
