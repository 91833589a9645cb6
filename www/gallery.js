// The gallery: a landscape that answers the hand, a finder, and a card for each experiment, drawn by the experiment itself.
import { showAlert } from "./alert.js";
import { fetchCatalogue, fetchStill } from "./catalogue.js";
import { byId, calm, make } from "./dom.js";
import { plainly, spelt } from "./greek.js";
import { History } from "./history.js";
import { Lab } from "./lab.js";
import { messageOf } from "./message.js";
import { readQuery } from "./permalink.js";
import { cut, SHAPES } from "./stage.js";
import { strings } from "./strings.js";
import { startTheme } from "./theme.js";
import { onResize } from "./views/canvas.js";
import { onTheme } from "./views/colour.js";

/** Milliseconds that a thumbnail takes to show its run again. */
const REPLAY = 1400;
/** The landscape at the top: a blend that takes its time on the way. */
const HERO = "v=1&id=modern-hopfield&seed=1&beta=14&rate=0.08&plane=2.1.3&do=0d1.2900.900";

/**
 * A run that draws one of its views into a box.
 * @param {HTMLElement} host @param {number} index of the view @param {string[]} metrics @param {boolean} quiet
 * @param {Partial<import("./stage.js").Context>} [hands]
 */
function portrait(host, index, metrics, quiet, hands = {}) {
  /** @type {import("./stage.js").Renderer | null} */
  let renderer = null;
  /** @type {import("./types.js").View[]} */
  let layout = [];
  /** @type {Float32Array} */
  let ground = new Float32Array();
  let rows = new History();
  /** @type {Map<string, string>} */
  let values = new Map();
  let stop = () => {};
  onTheme(() => renderer?.redraw());
  return {
    /** @param {import("./types.js").Started} message */
    started(message) {
      layout = message.layout;
      values = new Map(message.values);
      rows = new History();
      const floats = layout.reduce((sum, view) => sum + view.floats, 0);
      ground = cut(layout, message.ground, new Float32Array(floats))[index][0];
      const none = () => {};
      renderer = SHAPES[layout[index].kind](quiet ? { ...layout[index], hand: "none" } : layout[index], {
        index,
        metrics,
        quiet,
        onTouch: none,
        onRelease: none,
        onPick: none,
        onSet: none,
        onSeek: none,
        lock: new Set(),
        onStore: none,
        ...hands,
      });
      stop();
      stop = onResize(host, () => renderer?.redraw());
      host.replaceChildren(renderer.body);
    },
    /** @param {import("./types.js").Frame} frame */
    frame(frame) {
      rows.add(frame.rows);
      const [own, marks] = cut(layout, new Float32Array(), frame.slots.slice())[index];
      renderer?.update(layout[index].still ? ground : own, marks, {
        step: frame.step,
        playing: frame.playing,
        captions: frame.captions,
        rows,
        values,
      });
      renderer?.canvas?.setAttribute("aria-label", frame.captions[index]);
    },
  };
}

function startHero() {
  const host = byId("hero");
  const lab = new Lab({
    started: (message) => picture.started(message),
    frame(frame) {
      picture.frame(frame);
      lab.recycle(frame);
      if (first) {
        first = false;
        performance.mark("hero");
        if (calm()) lab.seek(1000);
        else lab.play(3);
      }
    },
    crashed(message) {
      first = true;
      const alert = make("div", { class: "alert", role: "alert" });
      host.querySelector(".alert")?.remove();
      host.append(alert);
      const why = make("p", { text: strings.noCoreWhy(message) });
      showAlert(alert, strings.noCore, [why], [[strings.startAgain, start]]);
    },
  });
  let first = true;
  const start = () => lab.start(readQuery(HERO).pairs);
  const picture = portrait(host, 1, [], false, {
    onTouch: (gesture) => lab.touch(gesture),
    onRelease: () => lab.play(3),
  });
  start();
  document.addEventListener("visibilitychange", () => document.hidden && lab.pause());
}

/** The picture of a card that the build made. @param {import("./types.js").Card} entry @param {HTMLElement} host */
async function drawStill({ id, metrics }, host) {
  const { view, ground, marks, step, caption, rows } = await fetchStill(id);
  const names = metrics.map(({ name }) => name);
  const picture = portrait(host, 0, names, true);
  const run = 0;
  picture.started({ type: "started", run, layout: [view], ground, values: [], reaches: [], seed: "1", last: step });
  const over = {
    ended: null,
    last: step,
    events: [],
    values: null,
    claims: null,
    digest: null,
    playing: false,
    goal: null,
    branched: false,
    touched: false,
  };
  picture.frame({ type: "frame", run, step, captions: [caption], rows, slots: marks, ...over });
}

/** Replays the runs of cards, on one core and one at a time. */
class Replays {
  /** @type {{entry: import("./types.js").Card, picture: ReturnType<typeof portrait>, begun: boolean} | null} */
  #now = null;
  #lab = new Lab({
    started: (message) => this.#now?.picture.started(message),
    frame: (frame) => this.#frame(frame),
  });

  /** @param {import("./types.js").Card} entry @param {HTMLElement} host */
  play(entry, host) {
    const metrics = entry.metrics.map(({ name }) => name);
    this.#now = { entry, picture: portrait(host, entry.thumbnail, metrics, true), begun: false };
    this.#lab.start([["id", entry.id]]);
  }

  /** @param {import("./types.js").Frame} frame */
  #frame(frame) {
    const now = this.#now;
    if (!now) return;
    now.picture.frame(frame);
    this.#lab.recycle(frame);
    if (now.begun) return;
    now.begun = true;
    // Enough steps a second that the whole run fits the time.
    this.#lab.play((1000 * now.entry.steps) / (REPLAY * Math.max(1, now.entry.pace)) / 2);
  }
}

/** @param {import("./types.js").Card} entry @param {Replays} replays */
function card(entry, replays) {
  const figure = make("figure", { class: "thumbnail", "aria-hidden": "true", inert: true });
  const link = `experiment.html?v=1&id=${entry.id}&seed=1`;
  const item = make(
    "li",
    { class: "card" },
    figure,
    make("h3", {}, make("a", { href: link, text: entry.title })),
    make("p", { text: entry.card }),
  );
  const seen = new IntersectionObserver(
    ([{ isIntersecting }]) => {
      if (!isIntersecting) return;
      seen.disconnect();
      drawStill(entry, figure).catch(() => {}); // a card without its picture is a card all the same
    },
    { rootMargin: "200px" },
  );
  seen.observe(item);
  const again = () => calm() || replays.play(entry, figure);
  item.addEventListener("pointerenter", again);
  item.addEventListener("focusin", again);
  return item;
}

/** @param {import("./types.js").Card[]} entries */
function hang(entries) {
  const replays = new Replays();
  const wings = [...new Set(entries.map(({ wing }) => wing))];
  const cards = entries.map((entry) => {
    const { title, card: claim, words, paper } = entry;
    const text = spelt(`${title} ${claim} ${words} ${paper?.title ?? ""} ${paper?.authors ?? ""}`);
    return { entry, item: card(entry, replays), text };
  });
  const sections = wings.map((wing) => {
    const [title, about] = strings.wings[wing] ?? [wing, ""];
    const own = cards.filter(({ entry }) => entry.wing === wing).map(({ item }) => item);
    return make(
      "section",
      { class: "wing", id: wing, "aria-labelledby": `wing-${wing}` },
      make("header", {}, make("h2", { id: `wing-${wing}`, text: title }), make("p", { text: about })),
      make("ul", { class: "cards" }, ...own),
    );
  });
  byId("wings").replaceChildren(...sections);
  const filter = ["", ...wings].map((wing) => {
    const radio = make("input", { type: "radio", name: "wing", value: wing, checked: wing === "" });
    return make("label", {}, radio, wing === "" ? strings.everything : (strings.wings[wing]?.[0] ?? wing));
  });
  byId("wing-filter").replaceChildren(...filter);
  const search = /** @type {HTMLInputElement} */ (byId("q"));
  const find = () => {
    const words = plainly(search.value)
      .split(/\s+/)
      .filter((word) => word !== "");
    const wing = /** @type {HTMLInputElement} */ (document.querySelector("[name=wing]:checked")).value;
    let count = 0;
    for (const { entry, item, text } of cards) {
      item.hidden = !(wing === "" || wing === entry.wing) || !words.every((word) => text.includes(word));
      count += item.hidden ? 0 : 1;
    }
    for (const section of sections)
      section.hidden = [...section.querySelectorAll(".card")].every((item) => /** @type {HTMLElement} */ (item).hidden);
    byId("count").textContent = strings.experiments(count);
    byId("none").hidden = count > 0;
  };
  byId("finder").addEventListener("submit", (event) => event.preventDefault());
  byId("finder").addEventListener("input", find);
  byId("clear").addEventListener("click", () => {
    search.value = "";
    /** @type {HTMLInputElement} */ (document.querySelector("[name=wing]")).checked = true;
    find();
    search.focus();
  });
  search.value = new URLSearchParams(location.search).get("q") ?? "";
  find();
}

startTheme(new URLSearchParams(location.search).get("theme"));
startHero();
try {
  hang(await fetchCatalogue());
} catch (error) {
  const text = `${strings.noFile} ${strings.noCoreWhy(messageOf(error))}`;
  byId("wings").replaceChildren(make("p", { class: "blank", role: "alert", text }));
}
if (location.hash) document.querySelector(location.hash)?.scrollIntoView();
document.documentElement.dataset.booted = "";
