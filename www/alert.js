// The bar that tells what went wrong, and what can be done about it.
import { icon, make } from "./dom.js";

/**
 * @param {HTMLElement} alert @param {string} title @param {(Node | string)[]} body
 * @param {[string, () => void][]} [acts] ways on: the word on a button, and what it does
 */
export function showAlert(alert, title, body, acts = []) {
  const buttons = acts.map(([text, act]) => make("button", { class: "button", type: "button", text, onclick: act }));
  const ways = buttons.length > 0 ? [make("p", { class: "acts" }, ...buttons)] : [];
  alert.replaceChildren(icon("alert"), make("div", {}, make("p", {}, make("b", { text: title })), ...body, ...ways));
  alert.hidden = false;
}
