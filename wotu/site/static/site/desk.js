// What every page of the desk shares: htmx sends the page's CSRF token; the menu button is reachable by keyboard.
(function () {
  "use strict";

  document.addEventListener("htmx:configRequest", (event) => {
    const mark = document.querySelector('meta[name="csrf-token"]');
    if (mark && event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = mark.content;
  });

  // A part of a page that could not be read says so where it would have stood.
  document.addEventListener("htmx:responseError", (event) => {
    const said = event.detail.xhr.responseText;
    if (event.detail.xhr.status === 403 && said.includes("st-why")) event.detail.target.innerHTML = said;
  });
  document.addEventListener("htmx:sendError", (event) => {
    event.detail.target.setAttribute("data-offline", "");
  });

  // unfold's header and menus are drawn on spans; they get a role, a name and the keys that go with it.
  function name(element, label) {
    element.setAttribute("role", "button");
    element.setAttribute("tabindex", "0");
    element.setAttribute("aria-label", label);
    element.setAttribute("title", label);
    element.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); element.click(); }
    });
  }
  document.addEventListener("DOMContentLoaded", () => {
    for (const icon of document.querySelectorAll("#header-inner .material-symbols-outlined")) {
      if (icon.textContent.trim() === "dock_to_right") { icon.textContent = "menu"; name(icon, "导航"); }
    }
    for (const icon of document.querySelectorAll("#nav-sidebar-inner .material-symbols-outlined")) {
      if (icon.textContent.trim() === "close") name(icon, "收起导航");
    }
    for (const part of document.querySelectorAll('[aria-label="scrollable content"]')) part.setAttribute("aria-label", "可滚动的内容");
    const account = document.querySelector('[x-data*="openUserLinks"] > [x-on\\:click]');
    if (account) name(account, "账号菜单");
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const close = document.querySelector('#nav-sidebar-inner [aria-label="收起导航"]');
    if (close && close.offsetParent && getComputedStyle(close).display !== "none") close.click();
  });

  // A demonstration login on the login page fills the form and signs in.
  document.addEventListener("click", (event) => {
    const choice = event.target.closest("[data-login]");
    if (!choice) return;
    const form = document.getElementById("login-form");
    form.username.value = choice.dataset.login;
    form.password.value = choice.dataset.password;
    form.requestSubmit();
  });
})();
