// The panel that gives a run away: its link, the line that puts it in a page, its fingerprint.
import { icon, make } from "./dom.js";
import { place, placeUnder } from "./form.js";
import { strings } from "./strings.js";

/** Height of the frame in the line for course pages; it then follows the message of the stage. */
const FRAME_HEIGHT = 640;

/**
 * @param {HTMLElement} button
 * @param {string} title of the experiment
 * @param {() => Promise<{link: import("./types.js").Link, query: string, pictures: boolean} | null>} ask
 */
export function mountShare(button, title, ask) {
  const link = make("input", { type: "text", readonly: true, id: "share-link" });
  const frame = make("textarea", { readonly: true, id: "share-frame", spellcheck: "false" });
  const digest = make("p", { class: "fingerprint" });
  const promise = make("p", { text: strings.promise });
  const lost = make("p", { class: "note" });
  const row = (/** @type {string} */ label, /** @type {HTMLInputElement | HTMLTextAreaElement} */ box) => {
    const word = make("span", { text: strings.copy });
    const copy = make("button", { class: "button", type: "button" }, icon("copy"), word);
    copy.addEventListener("click", async () => {
      box.select();
      try {
        await navigator.clipboard.writeText(box.value);
      } catch {
        document.execCommand("copy"); // frames are often refused the clipboard
      }
      word.textContent = strings.copied;
      setTimeout(() => {
        word.textContent = strings.copy;
      }, 1500);
    });
    return [make("label", { for: box.id, text: label }), make("div", { class: "row" }, box, copy)];
  };
  const close = make(
    "button",
    {
      class: "icon-button",
      type: "button",
      popovertarget: "share-panel",
      popovertargetaction: "hide",
      "aria-label": strings.close,
    },
    icon("close"),
  );
  const panel = make(
    "div",
    { class: "share", popover: "auto", id: "share-panel", role: "dialog", "aria-label": strings.shareTitle },
    make("div", { class: "bar" }, make("h2", { text: strings.shareTitle }), close),
    ...row(strings.linkLabel, link),
    ...row(strings.iframeLabel, frame),
    digest,
    promise,
    lost,
  );
  document.body.append(panel);
  button.setAttribute("popovertarget", "share-panel");
  placeUnder(panel, button);
  panel.addEventListener("toggle", async (event) => {
    if (/** @type {ToggleEvent} */ (event).newState !== "open") return;
    const run = await ask();
    if (!run) return;
    const { link: said, query, pictures } = run;
    link.value = new URL(`experiment.html${query}`, location.href).href;
    const source = new URL(`embed.html${query}`, location.href).href.replaceAll("&", "&amp;");
    frame.value = `<iframe src="${source}" title="${title}" width="100%" height="${FRAME_HEIGHT}" style="border:0" loading="lazy"></iframe>`;
    digest.textContent = strings.fingerprint(said.digest, said.step);
    // The run of a link that leaves something out is another one.
    digest.hidden = promise.hidden = !(said.whole && pictures);
    lost.textContent = [said.whole ? "" : strings.notWhole, pictures ? "" : strings.tooManyPictures]
      .filter((text) => text !== "")
      .join(" ");
    place(panel, button); // what it says now may have made it taller
  });
}
