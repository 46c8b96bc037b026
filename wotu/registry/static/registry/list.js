// Keyboard for lists: ↑↓ choose a row, Enter opens it, / goes to the search box. Filters send themselves when changed.
(function () {
  "use strict";

  const typing = (target) => target.closest("input, select, textarea, [contenteditable]");

  function rows() {
    return Array.from(document.querySelectorAll("[data-rows] [data-row]"));
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "/" && !typing(event.target)) {
      const box = document.querySelector("[data-search]");
      if (box) { event.preventDefault(); box.focus(); box.select(); }
      return;
    }
    if (event.key === "Escape" && event.target.matches("[data-search]")) { event.target.blur(); return; }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    if (typing(event.target) && !event.target.matches("[data-search]")) return;
    const all = rows();
    if (!all.length) return;
    const at = all.indexOf(document.activeElement.closest("[data-row]"));
    const next = event.key === "ArrowDown" ? Math.min(at + 1, all.length - 1) : Math.max(at - 1, 0);
    event.preventDefault();
    (all[next].querySelector("a[href]") || all[next]).focus();
    all[next].scrollIntoView({ block: "nearest" });
  });

  // A sentence of filters is sent as soon as one word of it changes; empty words stay out of the address.
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-sentence]");
    if (form && !event.target.matches("[data-search], [data-quiet]")) form.requestSubmit();
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-sentence]")) return;
    for (const field of event.target.elements) {
      const idle = field.value === "" || (field.dataset.default !== undefined && field.value === field.dataset.default);
      if (field.name && idle && field.type !== "checkbox") field.disabled = true;
    }
    setTimeout(() => { for (const field of event.target.elements) field.disabled = false; }, 500);
  });
})();
