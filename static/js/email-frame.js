// A frame with an email is as high as the email; without this it has a fixed height and scrolls.
const fit = (frame) => {
  const root = frame.contentDocument?.documentElement;
  if (root && frame.contentDocument.URL !== "about:blank") frame.style.height = `${Math.ceil(root.getBoundingClientRect().height) + 2}px`;
};

// While one writes, the preview is drawn anew: `load` does not bubble, but it can be caught on its way down.
document.addEventListener("load", ({ target }) => target.matches?.(".email-frame") && fit(target), true);
const fitAll = () => document.querySelectorAll(".email-frame").forEach(fit);
addEventListener("resize", fitAll);
fitAll();
