"""The accessibility checker axe, run inside the page past the content security policy."""

from pathlib import Path

AXE_FILE = Path(__file__).parent.parent / "vendor/axe-core/axe.min.js"
AXE = AXE_FILE.read_text()
# What these rules find depends on the theme, and on what is shown in that width; others are run only once.
OF_COLOURS = ["color-contrast", "link-in-text-block"]
# What these find depends on the width alone.
OF_SIZES = ["target-size", "scrollable-region-focusable"]
RUN = """async (only) => {
  const rules = {"target-size": {enabled: true}};
  // Reading imported sheets it would write styles into the page, which the policy blocks and reports.
  const options = {resultTypes: ["violations"], preload: false, ...(only ? {runOnly: only} : {rules})};
  // A new theme or width is there with the next frame.
  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  const result = await axe.run(document, options);
  const words = (rule, node) => `${rule.id}: ${node.html.slice(0, 160)} ${node.failureSummary}`;
  return result.violations.flatMap(rule => rule.nodes.map(node => words(rule, node)));
}"""


def violations(page):
    """What axe finds."""
    page.evaluate(AXE)
    return findings(page)


def findings(page, only=None):
    """What axe finds, or what some of its rules find, once axe has been loaded."""
    return page.evaluate(RUN, only)
