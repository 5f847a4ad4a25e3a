"""Finds content that is lost on a screen: outside it, or cut off."""

# Regions that scroll may be wider; what a narrow box cuts off without a sign is lost. The name of the site
# gives way to the links next to it on purpose.
LOST = """() => {
  const root = document.documentElement, faults = [];
  const say = (fault, element) => faults.push(`${fault}: ${element.outerHTML.slice(0, 120)}`);
  if (root.scrollWidth > root.clientWidth) faults.push(`${root.scrollWidth - root.clientWidth}px too wide`);
  const scrolls = element => /auto|scroll/.test(getComputedStyle(element).overflowX);
  for (const element of document.body.querySelectorAll("*")) {
    const box = element.getBoundingClientRect();
    const overflows = element.scrollWidth > element.clientWidth + 1;
    const isBeside = box.right > root.clientWidth + 1 || box.left < -1;
    // Few elements are either, and the rest takes longer.
    if (box.width <= 1 || box.height <= 1 || !(overflows || isBeside)) continue;
    if (!element.checkVisibility({visibilityProperty: true})) continue;
    if (element.closest("svg, option, input, .brand, .visually-hidden, .skip, [hidden]")) continue;
    const style = getComputedStyle(element);
    const cuts = /hidden|clip/.test(style.overflowX) && style.textOverflow !== "ellipsis";
    if (cuts && overflows) say("cut off", element);
    if (!isBeside) continue;
    let around = element.parentElement;
    while (around && !scrolls(around)) around = around.parentElement;
    if (!around && style.position !== "fixed") say("beside the screen", element);
  }
  return faults.slice(0, 5);
}"""
# As the base template does for a language that is written from right to left.
MIRROR = """async () => {
  document.documentElement.dir = "rtl";
  const sheet = document.querySelector('link[href*="css/site."]');
  if (sheet) await new Promise(done => {
    sheet.onload = done;
    sheet.href = sheet.href.replace("site.css", "site.rtl.css");
  });
}"""
# WCAG 1.4.12
SPACING = """
* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
p { margin-bottom: 2em !important; }"""

# What is lower than a finger is wide. As in WCAG 2.5.5, a link in a line of text is as high as the line; a
# box to tick is as high as its label. The lists are Django's own, and have 24 pixels (WCAG 2.5.8).
SMALL_TARGETS = """() => {
  const isInText = element => getComputedStyle(element).display === "inline"
    && element.parentElement.textContent.trim().length > element.textContent.trim().length;
  const small = element => {
    const label = element.matches("[type=checkbox], [type=radio]") && element.labels[0];
    return (label || element).getBoundingClientRect().height < 39.5;
  };
  return [...document.querySelectorAll("#content :is(a[href], button, input, select, textarea, summary)")]
    .filter(element => element.checkVisibility({visibilityProperty: true}))
    .filter(element => element.type !== "hidden" && !element.closest("#changelist"))
    .filter(element => !isInText(element) && small(element))
    .map(element => `${element.getBoundingClientRect().height}px: ${element.outerHTML.slice(0, 120)}`);
}"""


def lost(page):
    return page.evaluate(LOST)
