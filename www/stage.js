// The stage: one frame of views, placed in a row of full width, a large column and a small one.
import { icon, make } from "./dom.js";
import { fade } from "./fade.js";
import { strings } from "./strings.js";
import { Turns } from "./turns.js";
import { alike, onResize } from "./views/canvas.js";
import { onTheme } from "./views/colour.js";
import { mount as glyphs } from "./views/glyphs.js";
import { mount as heatmap } from "./views/heatmap.js";
import { mount as lines } from "./views/lines.js";
import { mount as mask } from "./views/mask.js";
import { mount as surface } from "./views/surface.js";

/** A file of views/ for each shape. */
export const SHAPES = /** @type {Record<string, (view: any, context: Context) => Renderer>} */ ({
  glyphs,
  heatmap,
  lines,
  mask,
  surface,
});

/** Milliseconds between new text alternatives of pictures while a run is playing. */
const ALT = 1000;
/** Frames that follow each other sooner than this, in milliseconds, are a stream: what is out of sight waits until it rests. */
const STREAM = 200;
/** Views are in sight this long before they come into the window, in pixels. */
const NEAR = "200px";

/**
 * What a view may ask for.
 * @typedef {object} Context
 * @property {number} index of the view
 * @property {string[]} metrics names, in the order of the rows
 * @property {boolean} quiet no words in the picture, for thumbnails
 * @property {(gesture: import("./types.js").Gesture) => void} onTouch
 * @property {() => void} onRelease the hand let go
 * @property {(param: string, choice: string) => void} onPick
 * @property {(param: string, x: number) => void} onSet a number was moved in the view
 * @property {(step: number) => void} onSeek
 * @property {Set<string>} lock names of parameters that nobody moves
 * @property {(picture: import("./types.js").Picture) => void} onStore
 *
 * What is to be seen.
 * @typedef {object} Scene
 * @property {number} step
 * @property {boolean} playing
 * @property {string[]} captions
 * @property {import("./history.js").History} rows
 * @property {Map<string, string>} values of the parameters
 *
 * @typedef {object} Renderer
 * @property {HTMLElement} body
 * @property {HTMLCanvasElement | null} canvas whose label follows the caption
 * @property {HTMLElement | null} legend
 * @property {HTMLElement | null} [tool] beside those that every view has
 * @property {string} [hint] what a hand can do here, said after the caption
 * @property {(ground: Float32Array, marks: Float32Array, scene: Scene) => void} update
 * @property {() => void} redraw
 * @property {() => Table & {under?: Table | null}} table with that of what lies under its curves
 *
 * @typedef {{title?: string, head: string[], rows: string[][]}} Table
 *
 * A view that is on the stage.
 * @typedef {object} Shown
 * @property {HTMLElement} frame
 * @property {HTMLElement} caption
 * @property {HTMLElement} table
 * @property {Renderer} renderer
 * @property {() => void} stop
 * @property {boolean} inSight
 * @property {boolean} drawn whether it ever was
 */

/** Sets to 0 what is no finite number. @param {Float32Array} numbers */
function fillGaps(numbers) {
  for (let i = 0; i < numbers.length; i++) if (!Number.isFinite(numbers[i])) numbers[i] = 0;
}

/**
 * Cuts the still numbers and a frame into what each view draws from. What is no finite number, as where a run broke, is a gap in a
 * chart, and nothing in a picture.
 * @param {import("./types.js").View[]} layout @param {Float32Array} still @param {Float32Array} slots the caller's own
 * @returns {[Float32Array, Float32Array][]} ground and marks of each view
 */
export function cut(layout, still, slots) {
  let [a, b] = [0, 0];
  return layout.map((view) => {
    const slot = slots.subarray(b, b + view.floats);
    b += view.floats;
    if (view.kind !== "lines") fillGaps(slot);
    if (!view.still) return [slot.subarray(0, view.ground), slot.subarray(view.ground)];
    const ground = still.subarray(a, a + view.still_floats);
    a += view.still_floats;
    return [ground, slot];
  });
}

export class Stage {
  #root;
  #hands;
  /** @type {import("./types.js").View[]} */
  #layout = [];
  /** @type {Shown[]} */
  #views = [];
  /** @type {Float32Array[]} the still grounds, the same objects for the whole run */
  #grounds = [];
  #labelled = 0;
  /** When the last frame came, and whether it was of a run that was playing. */
  #last = { at: 0, playing: false };
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #resting;
  #rests = true;
  /** @type {Turns<Shown>} */
  #turns = new Turns(({ inSight }) => inSight || this.#rests);
  /** Tells that the last frame was drawn. */
  #told = () => {};
  #sight = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        const view = this.#views.find(({ frame }) => frame === target);
        if (!view) continue;
        view.inSight = isIntersecting;
        if (isIntersecting) this.#turns.draw(view);
      }
    },
    { rootMargin: NEAR },
  );

  /**
   * @param {HTMLElement} root
   * @param {Omit<Context, "index" | "metrics" | "quiet">} hands
   */
  constructor(root, hands) {
    this.#root = root;
    this.#hands = hands;
    onTheme(() => this.redraw());
  }

  /**
   * A new run. A view that is as before stays where it is, and keeps its ground if that is as before: moving a slider
   * begins runs many times a second.
   * @param {import("./types.js").View[]} layout @param {Float32Array} still
   * @param {string[]} metrics names @param {Set<string>} hide views by number: `view-1` is the first
   */
  show(layout, still, metrics, hide) {
    const frame = new Float32Array(layout.reduce((sum, view) => sum + view.floats, 0));
    const grounds = cut(layout, still, frame).map(([ground]) => ground);
    const places = (/** @type {import("./types.js").View[]} */ views) => views.map(({ place }) => place).join();
    const kept = places(layout) === places(this.#layout);
    const before = kept ? this.#views : [];
    this.#views = layout.map((view, i) => {
      const known = before[i];
      if (known && JSON.stringify(view) === JSON.stringify(this.#layout[i])) {
        if (alike(grounds[i], this.#grounds[i])) grounds[i] = this.#grounds[i];
        return known;
      }
      const focus = document.activeElement?.getAttribute("data-focus");
      known?.stop();
      const made = this.#frame(view, i, metrics, known ? !known.table.hidden : false);
      known?.frame.replaceWith(made.frame);
      if (focus) /** @type {HTMLElement | null} */ (made.frame.querySelector(`[data-focus="${focus}"]`))?.focus();
      return made;
    });
    this.#layout = layout;
    this.#grounds = grounds;
    if (kept) return;
    const of = (/** @type {string} */ place) =>
      this.#views.filter((_, i) => layout[i].place === place && !hide.has(`view-${i + 1}`)).map(({ frame }) => frame);
    const columns = ["main", "side"].filter((place) => of(place).length > 0);
    const stacks = columns.map((place) => make("div", { class: `stack ${place}` }, ...of(place)));
    this.#root.replaceChildren(
      ...of("full"),
      make("div", { class: columns.length > 1 ? "columns" : "columns one" }, ...stacks),
    );
  }

  /** @param {import("./types.js").View} view @param {number} index @param {string[]} metrics @param {boolean} asTable */
  #frame(view, index, metrics, asTable) {
    const renderer = SHAPES[view.kind](view, { ...this.#hands, index, metrics, quiet: false });
    renderer.body
      .querySelectorAll("button, input, canvas[tabindex]")
      .forEach((element, i) => element.setAttribute("data-focus", `${index}.${i}`));
    const id = `view-${index}`;
    const caption = make("p", { class: "caption" });
    const table = fade(
      make("div", { class: "scroll-x", tabindex: 0, role: "group", "aria-label": view.title, hidden: !asTable }),
    );
    const tool = (/** @type {string} */ name, /** @type {string} */ label) =>
      make("button", { class: "tool", type: "button", "aria-label": label, title: label.split(":")[0] }, icon(name));
    const tables = tool("table", strings.showTable(view.title));
    tables.setAttribute("aria-pressed", String(asTable));
    tables.addEventListener("click", () => {
      table.hidden = !table.hidden;
      renderer.body.hidden = !table.hidden;
      tables.setAttribute("aria-pressed", String(!table.hidden));
      if (table.hidden) renderer.redraw();
      else fillTable(table, renderer.table());
    });
    renderer.body.hidden = asTable;
    const expand = tool("expand", strings.expand(view.title));
    const frame = make(
      "section",
      { class: view.place === "full" ? "view full" : "view", "aria-labelledby": id },
      make(
        "header",
        {},
        make("h2", { id, text: view.title }),
        renderer.legend,
        make("span", { class: "tools" }, renderer.tool ?? null, tables, expand),
      ),
      renderer.body,
      table,
      caption,
    );
    expand.addEventListener("click", () => expandView(frame, view.title, () => renderer.redraw()));
    const stopped = onResize(renderer.body, () => renderer.redraw());
    this.#sight.observe(frame);
    const stop = () => {
      stopped();
      this.#sight.unobserve(frame);
      this.#turns.forget(shown);
    };
    const shown = { frame, caption, table, renderer, stop, inSight: true, drawn: false };
    return shown;
  }

  /**
   * Draws a frame: what is new at once, what it can within the time of one, and the rest after.
   * @param {Float32Array} slots @param {Scene} scene @param {() => void} then is called when it is drawn, or a newer one comes
   */
  paint(slots, scene, then) {
    this.#told();
    let waits = true;
    this.#told = () => {
      if (waits) then();
      waits = false;
    };
    // A copy: the frame goes back to the core, and a view may be drawn again before the next one.
    const parts = cut(this.#layout, new Float32Array(), slots.slice());
    const now = performance.now();
    const label = !scene.playing || now - this.#labelled > ALT;
    if (label) this.#labelled = now;
    const streams = now - this.#last.at < STREAM && scene.playing === this.#last.playing;
    this.#last = { at: now, playing: scene.playing };
    this.#views.forEach((view, i) => {
      const { caption, table, renderer } = view;
      const [moving, marks] = parts[i];
      const ground = this.#layout[i].still ? this.#grounds[i] : moving;
      this.#turns.ask(view, () => {
        renderer.update(ground, marks, scene);
        if (label && !table.hidden) fillTable(table, renderer.table());
      });
      const words = [scene.captions[i], renderer.hint].filter(Boolean).join(" ");
      if (caption.textContent !== words) caption.textContent = words;
      if (label) renderer.canvas?.setAttribute("aria-label", `${this.#layout[i].title}. ${scene.captions[i]}`);
      if (!view.drawn) this.#turns.draw(view); // nobody is to see a page half empty
      view.drawn = true;
    });
    this.#rests = !streams;
    this.#turns.go(this.#told);
    clearTimeout(this.#resting);
    if (!streams) return;
    this.#resting = setTimeout(() => {
      this.#rests = true;
      this.#turns.go(this.#told);
    }, STREAM);
  }

  redraw() {
    for (const { renderer } of this.#views) renderer.redraw();
  }
}

/** @param {HTMLElement} host @param {ReturnType<Renderer["table"]>} tables */
function fillTable(host, { under, ...curves }) {
  host.replaceChildren(...[curves, under].flatMap((table) => (table ? [tableOf(table)] : [])));
}

/** @param {Table} table */
function tableOf({ title, head, rows }) {
  const cell = (/** @type {string} */ text, /** @type {number} */ i) =>
    i === 0 ? make("th", { scope: "row", text }) : make("td", { text });
  return make(
    "table",
    { class: "table" },
    title ? make("caption", { text: title }) : null,
    make("thead", {}, make("tr", {}, ...head.map((text) => make("th", { scope: "col", text })))),
    make("tbody", {}, ...rows.map((row) => make("tr", {}, ...row.map(cell)))),
  );
}

/** Moves a view into a dialog over the page, and back. @param {HTMLElement} frame @param {string} title @param {() => void} redraw */
function expandView(frame, title, redraw) {
  const place = document.createComment("the view that is expanded");
  frame.replaceWith(place);
  const host = make("div", { class: "expanded" }, frame);
  const close = make(
    "button",
    {
      class: "tool",
      type: "button",
      "aria-label": strings.close,
      title: strings.close,
      onclick: () => dialog.close(),
    },
    icon("close"),
  );
  const dialog = make("dialog", { class: "expand", "aria-label": title, tabindex: -1 }, close, host);
  document.body.append(dialog);
  dialog.addEventListener("close", () => {
    // A new run may have put another view in its place meanwhile.
    const view = /** @type {HTMLElement} */ (host.firstElementChild ?? frame);
    place.replaceWith(view);
    dialog.remove();
    redraw();
    /** @type {HTMLElement | null} */ (view.querySelector(".tools button:last-child"))?.focus();
  });
  dialog.showModal();
  // Not its first button: Space is to play what is seen, not to close it.
  dialog.focus();
  redraw();
}
