// A pad to draw a picture on, by pointer or by keys.
import { make } from "./dom.js";
import { arrow, placeOn } from "./hand.js";
import { strings } from "./strings.js";
import { bitmap } from "./views/canvas.js";
import { ramp, rgb } from "./views/colour.js";

/** Pixels of the pad: fine enough for any size that runs use. */
const SIDE = 56;
const BRUSH = 2.2;

/**
 * Opens the pad over the page.
 * @param {(picture: {width: number, height: number, ink: Uint8Array}) => void} keep
 */
export function openPad(keep) {
  if (document.querySelector("dialog.pad")) return; // asked for twice while it was on its way
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
    const shade = ramp([rgb("--page"), rgb("--glyph")]);
    const accent = rgb("--accent-mark");
    const near = (/** @type {number} */ at, /** @type {number} */ k) => Math.abs(at - cursor[k]) < 1.5;
    const image = bitmap(SIDE, SIDE, (i) =>
      byKeys && near(i % SIDE, 0) && near(Math.floor(i / SIDE), 1) ? accent : shade(ink[i] / 255),
    );
    canvas.getContext("2d")?.putImageData(image, 0, 0);
  }

  /** @param {number} x @param {number} y @param {boolean} erase */
  function dab(x, y, erase) {
    fault.textContent = "";
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
    const [x, y] = placeOn(canvas, event).map((share) => share * SIDE);
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
    const move = arrow(event.key);
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
