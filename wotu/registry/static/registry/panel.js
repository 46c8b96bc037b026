// The side panel: every element with data-panel opens the address it names beside the page; Escape closes it.
(function () {
  "use strict";

  let panel = null;
  let opener = null;

  function make() {
    panel = document.createElement("dialog");
    panel.className = "rg-panel";
    panel.setAttribute("aria-label", "来源");
    panel.innerHTML = '<button type="button" class="rg-button rg-close" aria-label="关闭">关闭</button><div class="rg-panelbody"></div>';
    panel.addEventListener("click", (event) => {
      if (event.target === panel || event.target.closest(".rg-close")) panel.close();
    });
    panel.addEventListener("close", () => { if (opener) opener.focus(); });
    document.body.append(panel);
  }

  async function open(address) {
    if (!panel) make();
    const body = panel.querySelector(".rg-panelbody");
    body.innerHTML = '<p class="rg-muted">正在读取…</p>';
    if (!panel.open) panel.showModal();
    panel.scrollTop = 0;
    await window.htmx.ajax("GET", address, { target: body, swap: "innerHTML" });
  }

  document.addEventListener("click", (event) => {
    const door = event.target.closest("[data-panel]");
    if (!door) return;
    event.preventDefault();
    opener = door;
    open(door.dataset.panel);
  });
  document.addEventListener("htmx:responseError", (event) => {
    if (panel && panel.contains(event.target)) event.target.innerHTML = '<p class="rg-why">没有读到，请稍后再试；若一直这样，请告诉系统管理员。</p>';
  });
})();
