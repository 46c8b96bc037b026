// The rule's diagram beside its clauses: click a clause and its decision lights up, click a decision and its clause does.
(function () {
  "use strict";

  let viewer = null;
  let drawing = null;

  function clauseRows(name) {
    return Array.from(document.querySelectorAll("[data-clause]")).filter((row) => row.dataset.clause === name);
  }

  function markClause(name) {
    document.querySelectorAll("[data-clause].pm-marked").forEach((row) => row.classList.remove("pm-marked"));
    for (const row of clauseRows(name)) row.classList.add("pm-marked");
  }

  function markShape(name) {
    if (!drawing) return false;
    const canvas = drawing.get("canvas");
    const registry = drawing.get("elementRegistry");
    let found = null;
    registry.forEach((element) => {
      canvas.removeMarker(element, "pm-lit");
      if (element.businessObject && element.businessObject.name === name && !element.labelTarget) found = found || element;
    });
    if (!found) return false;
    canvas.addMarker(found, "pm-lit");
    for (const way of found.incoming || []) {
      canvas.addMarker(way, "pm-lit");
      canvas.addMarker(way.source, "pm-lit");
    }
    canvas.scrollToElement(found, 80);
    return true;
  }

  // As wide as the frame, from the top, and never smaller than one can read.
  function fitWidth(canvas) {
    const { inner, outer } = canvas.viewbox();
    const scale = Math.min(1.2, Math.max(0.65, outer.width / (inner.width + 32)));
    canvas.viewbox({ x: inner.x - 16, y: inner.y - 16, width: outer.width / scale, height: outer.height / scale });
  }

  async function open(container) {
    if (viewer || !window.DmnJS) return;
    viewer = new window.DmnJS({ container });
    const answer = await fetch(container.dataset.diagram, { credentials: "same-origin" });
    if (!answer.ok) { container.textContent = await answer.text(); return; }
    try {
      await viewer.importXML(await answer.text());
    } catch (problem) {
      container.textContent = "规则图无法显示：" + problem.message;
      return;
    }
    drawing = viewer.getActiveViewer();
    const canvas = drawing.get("canvas");
    fitWidth(canvas);
    drawing.get("eventBus").on("element.click", ({ element }) => {
      const name = element.businessObject && element.businessObject.name;
      if (!name || !clauseRows(name).length) return;
      markShape(name);
      markClause(name);
      clauseRows(name)[0].scrollIntoView({ block: "nearest", behavior: "smooth" });
    });
    const asked = container.dataset.clauseAsked;
    if (asked) { markShape(asked); markClause(asked); }
    container.dataset.ready = "true";
  }

  document.addEventListener("DOMContentLoaded", () => {
    const container = document.querySelector("[data-diagram]");
    if (!container) return;
    open(container);
    document.addEventListener("click", (event) => {
      const door = event.target.closest("[data-clause-door]");
      if (!door) return;
      event.preventDefault();
      markClause(door.dataset.clauseDoor);
      if (markShape(door.dataset.clauseDoor)) container.scrollIntoView({ block: "nearest", behavior: "smooth" });
    });
    for (const button of document.querySelectorAll("[data-zoom]")) {
      button.addEventListener("click", () => {
        if (!drawing) return;
        const canvas = drawing.get("canvas");
        if (button.dataset.zoom === "fit") canvas.zoom("fit-viewport", "auto");
        else canvas.zoom(canvas.zoom() * Number(button.dataset.zoom), "auto");
      });
    }
  });
})();
