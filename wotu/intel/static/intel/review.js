// Reviewing an article: j/k move, a accept, e edit, x reject, m merge; a mark in the text and its card find each other.
(function () {
  "use strict";

  const page = document.querySelector("[data-review]");
  if (!page) return;
  const cards = () => Array.from(document.querySelectorAll("[data-card]"));
  const current = () => document.querySelector("[data-card].it-current");
  const marksOf = (card) => Array.from(page.querySelectorAll("mark")).filter((m) => m.dataset.marks.split(" ").includes(card.id));
  const narrow = () => getComputedStyle(document.querySelector(".it-switch")).display !== "none";

  function colour() {
    const states = Object.fromEntries(cards().map((card) => [card.id, card.dataset.state]));
    for (const mark of page.querySelectorAll("mark")) {
      const held = mark.dataset.marks.split(" ").map((id) => states[id]);
      mark.dataset.state = ["proposed", "accepted", "corrected", "merged"].find((s) => held.includes(s)) || "rejected";
    }
  }

  function choose(card, look) {
    if (!card) return;
    for (const old of document.querySelectorAll(".it-current")) old.classList.remove("it-current");
    card.classList.add("it-current");
    const marks = marksOf(card);
    for (const mark of marks) mark.classList.add("it-current");
    if (look !== "card" && marks.length && !(narrow() && page.dataset.shown === "claims")) {
      const box = page.querySelector(".it-textbox");
      if (box.scrollHeight > box.clientHeight) box.scrollTop = marks[0].offsetTop - box.clientHeight / 3;
      else marks[0].scrollIntoView({ block: "center" });
    }
    if (look !== "text") card.scrollIntoView({ block: narrow() ? "center" : "nearest" });
  }

  function move(step) {
    const all = cards();
    const at = all.indexOf(current());
    choose(all[Math.max(0, Math.min(all.length - 1, at + step))]);
  }

  function onward(card) {
    const all = cards();
    const at = all.indexOf(card);
    choose([...all.slice(at + 1), ...all.slice(0, at)].find((c) => c.dataset.state === "proposed") || card);
  }

  function press(key) {
    if (key === "j" || key === "k") { move(key === "j" ? 1 : -1); return true; }
    const button = current() && current().querySelector(`[data-key="${key}"]`);
    if (button) button.click();
    return Boolean(button);
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const field = event.target.closest("input, select, textarea");
    if (field) {
      const cancel = field.closest("[data-card]") && field.closest("[data-card]").querySelector("[data-cancel]");
      if (event.key === "Escape" && cancel) { event.preventDefault(); cancel.click(); }
      return;
    }
    if (document.querySelector("dialog[open]")) return;
    if ("jkaexm".includes(event.key) && event.key.length === 1 && press(event.key)) event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    const doing = event.target.closest("[data-do]");
    if (doing) { press(doing.dataset.do); return; }
    const show = event.target.closest("[data-show]");
    if (show) {
      page.dataset.shown = show.dataset.show;
      for (const other of document.querySelectorAll("[data-show]")) other.setAttribute("aria-pressed", String(other === show));
      if (current()) choose(current(), page.dataset.shown === "text" ? "text" : "card");
      return;
    }
    const mark = event.target.closest("mark");
    if (mark) {
      const ids = mark.dataset.marks.split(" ");
      const next = current() ? ids[(ids.indexOf(current().id) + 1) % ids.length] : ids[0];
      choose(document.getElementById(next), "card");
      return;
    }
    const card = event.target.closest("[data-card]");
    if (card && !event.target.closest("a, button, input, select")) choose(card, "text");
  });

  document.addEventListener("submit", (event) => {
    const asked = event.submitter && event.submitter.dataset.confirm;
    if (asked && !window.confirm(asked)) event.preventDefault();
  }, true);

  // A card came back: colour its marks, and go on to the next that waits unless it has something to say.
  document.addEventListener("htmx:afterSwap", (event) => {
    const card = document.getElementById(event.detail.target.id);
    if (!card || !card.matches("[data-card]")) return;
    colour();
    const first = card.querySelector("[data-first]");
    if (first) { choose(card); first.focus(); if (first.select) first.select(); return; }
    if (card.querySelector("[role=alert]") || card.dataset.state === "proposed") choose(card);
    else onward(card);
  });

  colour();
  const asked = location.hash && document.getElementById(location.hash.slice(1));
  choose(asked && asked.matches("[data-card]") ? asked : cards().find((c) => c.dataset.state === "proposed") || cards()[0], "text");
})();
