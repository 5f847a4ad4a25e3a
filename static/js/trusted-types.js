// The policy that htmx and the admin's scripts need to put into the page what the server sent. It makes HTML
// only: no text ever becomes a script or the address of one.
window.trustedTypes?.createPolicy("default", { createHTML: (html) => html });
