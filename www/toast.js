// One sentence at the bottom of the window, and a way to take back what it tells of.
import { make } from "./dom.js";
import { strings } from "./strings.js";

const STAYS = 6000;
/** Pixels below it. */
const GAP = 12;

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
  rest(pill);
  const leave = () => (pill.matches(":hover, :focus-within") ? setTimeout(leave, 1000) : pill.remove());
  setTimeout(leave, STAYS);
}

/** What stands at the foot of the window is to be pressed: it stays above that, also while the page is scrolled. @param {HTMLElement} pill */
function rest(pill) {
  const place = () => {
    if (!pill.isConnected) {
      removeEventListener("scroll", place);
      removeEventListener("resize", place);
      return;
    }
    const under = pill.closest("main")?.querySelectorAll(".transport, .sheet") ?? [];
    const tops = [...under].flatMap((part) => {
      const { top, bottom } = part.getBoundingClientRect();
      return top < innerHeight && bottom > innerHeight - pill.offsetHeight - 2 * GAP ? [top] : [];
    });
    pill.style.bottom = `${innerHeight - Math.min(innerHeight, ...tops) + GAP}px`;
  };
  addEventListener("scroll", place, { passive: true });
  addEventListener("resize", place);
  place();
}
