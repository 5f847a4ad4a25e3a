"""The accessibility checker axe, run inside the page past the content security policy."""

from pathlib import Path

AXE = (Path(__file__).parent.parent / "vendor/axe-core/axe.min.js").read_text()
RUN = """async () => {
  const result = await axe.run(document, {resultTypes: ["violations"]});
  const words = (rule, node) => `${rule.id}: ${node.html.slice(0, 160)} ${node.failureSummary}`;
  return result.violations.flatMap(rule => rule.nodes.map(node => words(rule, node)));
}"""


def violations(page):
    page.evaluate(AXE)
    return page.evaluate(RUN)
