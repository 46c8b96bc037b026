// The wall: numbers count up once, the ticker steps on by a line, and new records bring the page up to date.
(function () {
  "use strict";

  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const body = document.body;

  function countUp(element) {
    const end = Number(element.dataset.count);
    const last = element.textContent;
    const began = performance.now();
    const step = (now) => {
      const share = Math.min(1, (now - began) / 900);
      if (share === 1) { element.textContent = last; return; }
      element.textContent = Math.round(end * (1 - Math.pow(1 - share, 3))).toLocaleString("zh-CN");
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  // Only on the first look: a page that brings itself up to date does not count again.
  if (!still && !document.hidden && !sessionStorage.getItem("wall-counted")) {
    document.querySelectorAll("[data-count]").forEach(countUp);
  }
  sessionStorage.setItem("wall-counted", "1");

  const day = document.querySelector(".ck-asof input[type=date]");
  day.addEventListener("change", () => { if (day.validity.valid) day.form.requestSubmit(); });

  // The ticker: the first line goes to the end every few seconds, unless somebody is reading or nothing is hidden.
  setInterval(() => {
    const list = document.querySelector("[data-ticker] ol");
    if (!list) return;
    const hidden = list.scrollHeight > list.clientHeight + 4;
    if (still) { list.classList.add("ck-still"); return; }
    if (hidden && !list.matches(":hover") && !list.contains(document.activeElement)) list.append(list.firstElementChild);
  }, 4000);

  document.addEventListener("htmx:afterSwap", (event) => {
    const told = event.target.querySelector && event.target.querySelector("[data-stamp]");
    if (!told || document.querySelector("dialog[open]")) return;
    const chosen = new URLSearchParams(location.search).has("as_of");
    if (told.dataset.stamp !== body.dataset.stamp || (!chosen && told.dataset.today !== body.dataset.today)) location.reload();
  });
})();
