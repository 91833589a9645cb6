// A pad to draw a picture on, by pointer or by keys.
import { make } from "./dom.js";
import { strings } from "./strings.js";

/** Pixels of the pad: fine enough for any size that runs use. */
const SIDE = 56;
const BRUSH = 2.2;

/**
 * Opens the pad over the page.
 * @param {(picture: {width: number, height: number, ink: Uint8Array}) => void} keep
 */
export function openPad(keep) {
  const ink = new Uint8Array(SIDE * SIDE);
  const canvas = make("canvas", {
    width: SIDE,
    height: SIDE,
    tabindex: 0,
    role: "application",
    "aria-label": strings.drawHelp,
  });
  const fault = make("p", { class: "note", role: "status" });
  let cursor = [SIDE / 2, SIDE / 2];
  let byKeys = false;
  let erasing = false;

  function show() {
    const style = getComputedStyle(document.documentElement);
    const parse = (/** @type {string} */ name) => {
      const hex = style.getPropertyValue(name).trim();
      return [1, 3, 5].map((i) => Number.parseInt(hex.slice(i, i + 2), 16));
    };
    const [page, mark, accent] = [parse("--page"), parse("--glyph"), parse("--accent-mark")];
    const image = new ImageData(SIDE, SIDE);
    for (let i = 0; i < ink.length; i++) {
      const under =
        byKeys && Math.abs((i % SIDE) - cursor[0]) < 1.5 && Math.abs(Math.floor(i / SIDE) - cursor[1]) < 1.5;
      for (let k = 0; k < 3; k++)
        image.data[4 * i + k] = under ? accent[k] : page[k] + ((mark[k] - page[k]) * ink[i]) / 255;
      image.data[4 * i + 3] = 255;
    }
    canvas.getContext("2d")?.putImageData(image, 0, 0);
  }

  /** @param {number} x @param {number} y @param {boolean} erase */
  function dab(x, y, erase) {
    for (let i = 0; i < ink.length; i++) {
      const away = Math.hypot((i % SIDE) + 0.5 - x, Math.floor(i / SIDE) + 0.5 - y);
      const cover = Math.min(1, Math.max(0, BRUSH + 0.5 - away));
      if (erase) ink[i] = Math.min(ink[i], Math.round(255 * (1 - cover)));
      else ink[i] = Math.max(ink[i], Math.round(255 * cover));
    }
    show();
  }

  /** @type {[number, number] | null} */
  let before = null;
  const stroke = (/** @type {PointerEvent} */ event) => {
    const box = canvas.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * SIDE;
    const y = ((event.clientY - box.top) / box.height) * SIDE;
    const [fromX, fromY] = before ?? [x, y];
    const pieces = Math.max(1, Math.ceil(Math.hypot(x - fromX, y - fromY)));
    for (let i = 1; i <= pieces; i++)
      dab(fromX + ((x - fromX) * i) / pieces, fromY + ((y - fromY) * i) / pieces, erasing || event.shiftKey);
    before = [x, y];
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    byKeys = false;
    before = null;
    stroke(event);
    canvas.onpointermove = stroke;
  });
  canvas.addEventListener("pointerup", () => {
    canvas.onpointermove = null;
  });
  canvas.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!move && event.key !== " ") return;
    event.preventDefault();
    byKeys = true;
    if (move) cursor = cursor.map((at, k) => Math.min(SIDE - 1, Math.max(0, at + move[k])));
    else dab(cursor[0] + 0.5, cursor[1] + 0.5, erasing || event.shiftKey);
    show();
  });

  const button = (/** @type {string} */ text, /** @type {() => void} */ act, kind = "button") =>
    make("button", { class: kind, type: "button", text, onclick: act });
  const eraser = button(strings.erase, () => {
    erasing = !erasing;
    eraser.setAttribute("aria-pressed", String(erasing));
  });
  eraser.setAttribute("aria-pressed", "false");
  const dialog = make(
    "dialog",
    { class: "pad", "aria-label": strings.drawTitle },
    make("h2", { text: strings.drawTitle }),
    canvas,
    make("p", { class: "note", text: strings.drawHelp }),
    fault,
    make(
      "div",
      { class: "row" },
      button(
        strings.keep,
        () => {
          if (ink.every((x) => x === 0)) fault.textContent = strings.nothingDrawn;
          else {
            dialog.close();
            keep({ width: SIDE, height: SIDE, ink });
          }
        },
        "button first",
      ),
      eraser,
      button(strings.wipePad, () => {
        ink.fill(0);
        show();
      }),
      button(strings.cancel, () => dialog.close()),
    ),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  show();
  canvas.focus();
}
