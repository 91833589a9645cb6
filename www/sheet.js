// Settings at hand: where they lie below the stage, a key of the transport brings them over its foot, so that what a setting
// does is seen while it moves.
import { icon, make } from "./dom.js";
import { strings } from "./strings.js";

/** @param {HTMLElement} transport @param {HTMLElement} settings */
export function mountSheet(transport, settings) {
  const key = make(
    "button",
    {
      class: "icon-button reach",
      type: "button",
      "aria-label": strings.atHand,
      title: strings.atHand,
      "aria-expanded": "false",
      "aria-controls": settings.id,
    },
    icon("sliders"),
  );
  const open = () => settings.classList.contains("sheet");
  const home = /** @type {HTMLElement} */ (settings.previousElementSibling);
  const put = (/** @type {boolean} */ sheet) => {
    if (sheet === open()) return;
    // It rests on what of the transport is in sight.
    const foot = transport.offsetHeight + Number.parseFloat(getComputedStyle(transport).bottom);
    settings.style.setProperty("--foot", `${foot}px`);
    settings.classList.toggle("sheet", sheet);
    key.setAttribute("aria-expanded", String(sheet));
    if (sheet) transport.before(settings);
    else home.after(settings);
  };
  settings.tabIndex = -1;
  key.addEventListener("click", () => {
    put(!open());
    // The keyboard goes on with what was opened.
    if (open()) settings.focus({ preventScroll: true });
  });
  for (const part of [settings, key])
    part.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !open()) return;
      put(false);
      key.focus();
    });
  // Beside the stage there is no need of it.
  matchMedia("(min-width: 1200px)").addEventListener("change", () => put(false));
  transport.querySelector(".timeline")?.after(key);
}
