// The control for pictures that the user brings: a drop zone around a real file input, a pad to draw on, and what is there.
import { icon, make } from "./dom.js";
import { strings } from "./strings.js";
import { bitmap } from "./views/canvas.js";

/**
 * @typedef {import("./types.js").Picture} Picture
 * @param {string} name of the parameter
 * @param {number} most pictures that fit
 * @param {object} hands
 * @param {() => Picture[]} hands.pictures that are there
 * @param {(files: File[]) => void} hands.files
 * @param {(picture: import("./pictures.js").Ink) => void} hands.drawn
 * @param {(picture: Picture) => void} hands.remove
 */
export function imagesControl(name, most, hands) {
  const input = make("input", { type: "file", accept: "image/*", multiple: most > 1, id: name });
  const drop = make("label", { class: "drop", for: name }, icon("upload"), make("span", { text: strings.drop }), input);
  const list = make("ul", { class: "brought" });
  input.addEventListener("change", () => {
    hands.files([...(input.files ?? [])]);
    input.value = "";
  });
  for (const type of ["dragover", "dragleave", "drop"]) {
    drop.addEventListener(type, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", type === "dragover");
      const { dataTransfer } = /** @type {DragEvent} */ (event);
      if (type === "drop") hands.files([...(dataTransfer?.files ?? [])]);
    });
  }
  const draw = make("button", {
    class: "link-button",
    type: "button",
    text: strings.draw,
    // Few draw, so the pad is fetched by those who do.
    onclick: async () => (await import("./pad.js")).openPad(hands.drawn),
  });

  /** @param {Picture} picture @param {number} i */
  function item(picture, i) {
    const { width, height, ink } = picture;
    const canvas = make("canvas", { width, height, role: "img", "aria-label": strings.picture(i + 1) });
    const image = bitmap(width, height, (k) => [255 - ink[k], 255 - ink[k], 255 - ink[k]]);
    canvas.getContext("2d")?.putImageData(image, 0, 0);
    const label = strings.remove(strings.picture(i + 1));
    const remove = make(
      "button",
      { type: "button", "aria-label": label, onclick: () => hands.remove(picture) },
      icon("close"),
    );
    return make("li", {}, canvas, remove);
  }

  return {
    parts: [drop, list],
    draw,
    show() {
      list.replaceChildren(...hands.pictures().map(item));
    },
  };
}
