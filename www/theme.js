// Light or dark: the system's choice, overruled by the address, then by the button, which is remembered.
import { themeChanged } from "./views/colour.js";

const KEY = "attractor-theme";
const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");

const remembered = () => {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // some frames have no storage
  }
};

const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);

/** @param {string | null | undefined} asked the theme that the address asks for */
export function startTheme(asked) {
  const theme = asked ?? remembered();
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  system.addEventListener("change", themeChanged);
  const button = document.querySelector("[data-act=theme]");
  const say = () => button?.setAttribute("aria-pressed", String(isDark()));
  say();
  button?.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    try {
      localStorage.setItem(KEY, root.dataset.theme);
    } catch {
      // Then it holds for this page only.
    }
    say();
    themeChanged();
  });
}
