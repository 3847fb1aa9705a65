// The queue with the keyboard alone: j and k move, Enter opens, 1 to 4 decide.
"use strict";
(() => {
  const alerts = [...document.querySelectorAll(".alert")];
  let current = -1;
  const go = (to) => {
    if (!alerts.length) return;
    current = Math.max(0, Math.min(alerts.length - 1, to));
    alerts.forEach((alert, index) => alert.classList.toggle("current", index === current));
    alerts[current].querySelector("a").focus();
  };
  document.addEventListener("focusin", (event) => {
    const found = alerts.findIndex((alert) => alert.contains(event.target));
    if (found >= 0) current = found;
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select")) return;
    if (event.key === "j") go(current + 1);
    else if (event.key === "k") go(current - 1);
    else if (/^[1-4]$/.test(event.key) && current >= 0) {
      alerts[current].querySelectorAll(".decisions button")[Number(event.key) - 1].click();
    } else return;
    event.preventDefault();
  });
})();
