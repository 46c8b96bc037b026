// Upload and mapping: a suggestion is taken with one click; a form that was sent can't be sent twice.
(function () {
  "use strict";

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-take]");
    if (!button) return;
    const input = button.parentElement.querySelector("input");
    input.value = button.dataset.take;
    button.remove();
    input.focus();
  });

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-upload], [data-once], .im-map");
    if (!form) return;
    const button = form.querySelector("button[type=submit]");
    setTimeout(() => { button.disabled = true; if (form.matches("[data-upload]")) button.textContent = "正在读取…"; }, 0);
  });
})();
