// One sentence at the bottom of the window, and a way to take back what it tells of.
import { make } from "./dom.js";
import { strings } from "./strings.js";

const STAYS = 6000;

/** Takes the sentence away: what it would take back is no longer the last that was done. */
export const dismiss = () => document.querySelector(".toast")?.remove();

/** @param {string} text @param {() => void} [undo] */
export function toast(text, undo) {
  dismiss();
  const pill = make("div", { class: "toast", role: "status" }, make("span", { text }));
  if (undo) {
    const button = make("button", { type: "button", text: strings.undo });
    button.addEventListener("click", () => {
      undo();
      pill.remove();
    });
    pill.append(button);
  }
  // Over a dialog nothing else can be pressed.
  (document.querySelector("dialog[open]") ?? document.querySelector("main") ?? document.body).append(pill);
  const leave = () => (pill.matches(":hover, :focus-within") ? setTimeout(leave, 1000) : pill.remove());
  setTimeout(leave, STAYS);
}
