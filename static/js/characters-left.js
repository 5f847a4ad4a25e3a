// Says how many characters fit into a text, or are too many, before the site refuses it; of one line, only near the end.
for (const area of document.querySelectorAll("[data-longest]")) {
  const longest = Number(area.dataset.longest);
  const [shown, heard] = [document.createElement("p"), document.createElement("span")];
  shown.id = `${area.id}_left`;
  shown.className = "characters-left";
  heard.className = "visually-hidden";
  heard.setAttribute("role", "status");
  area.setAttribute("aria-describedby", `${area.getAttribute("aria-describedby") ?? ""} ${shown.id}`.trim());
  area.after(shown, heard);

  let pause;
  const count = () => {
    const left = longest - area.value.length;
    const { leftOne, leftMany, overOne, overMany } = area.dataset;
    const [one, many, n] = left < 0 ? [overOne, overMany, -left] : [leftOne, leftMany, left];
    shown.textContent = n === 1 ? one : many.replace("2", n.toLocaleString(document.documentElement.lang));
    shown.hidden = area.tagName === "INPUT" && left > longest / 10;
    clearTimeout(pause);
    heard.textContent = "";
    // A screen reader is told near the end only, once one pauses.
    if (left < longest / 10) pause = setTimeout(() => (heard.textContent = shown.textContent), 1500);
  };
  area.addEventListener("input", count);
  count();
}
