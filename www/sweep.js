// The page of sweeps: a grid over two parameters and some seeds, on every core, as a map and as a table.
import { showAlert } from "./alert.js";
import { byId, make } from "./dom.js";
import { placeUnder } from "./form.js";
import { Lab } from "./lab.js";
import { messageOf } from "./message.js";
import { readQuery, unpackPictures, writeQuery } from "./permalink.js";
import { findEntry, listFaults } from "./run.js";
import { canVary, lostOf, settingsOf } from "./sweep-axis.js";
import { SweepForm } from "./sweep-form.js";
import { KeptRuns } from "./sweep-kept.js";
import { SweepMap, wordsOf } from "./sweep-map.js";
import { takeAll } from "./sweep-pool.js";
import { strings } from "./sweep-strings.js";
import { columnsOf, csvOf, pairsOf, rowOf, runsOf } from "./sweep-table.js";
import { startTheme } from "./theme.js";
import { dismiss, toast } from "./toast.js";
import { onResize } from "./views/canvas.js";
import { onTheme } from "./views/colour.js";

/** The most runs, and the most rows that are shown: more belong on the command line and in the file. */
const MOST_RUNS = 10_000;
const MOST_ROWS = 500;
/** Milliseconds between words on the progress for those who hear the page, and between tables while it is filled. */
const SAY = 15_000;
const TABLE = 1000;
/** Keys of the address that say what the sweep is, and those of a run that a sweep has many of. */
const OWN = ["axis", "seeds", "steps", "show"];
const MANY = ["seed", "at", "do"];

/**
 * @typedef {import("./types.js").Pair} Pair
 * @typedef {import("./types.js").Taken} Taken
 * @typedef {import("./types.js").Fault} Fault
 * @typedef {import("./sweep-table.js").Sweep} Sweep
 * @typedef {import("./sweep-map.js").Sight} Sight
 */

const { pairs, page, pictures: packed } = readQuery(location.search);
startTheme(page.get("theme"));
const asked = (/** @type {string} */ key) => pairs.filter(([name]) => name === key).map(([, text]) => text);
const entry = await findEntry(asked("id")[0] ?? "", byId("alert"));
if (entry) await open(entry);
else {
  byId("title").textContent = strings.nothingToRun;
  for (const name of ["lead", "back", "lab", "native"]) byId(name).hidden = true;
}
document.documentElement.dataset.booted = "";

/** @param {import("./types.js").Entry} entry */
async function open(entry) {
  /** Faults of the address that no field has. @type {Fault[]} */
  const told = [];
  /** @type {import("./types.js").Picture[]} */
  let pictures = [];
  /** What all runs share, as pairs of a link. @type {Pair[]} */
  let settings = [];
  /** How many claims a run makes. */
  let claims = 0;
  /** Whether these two are known: the core says them. */
  let learnt = false;
  /** The sweep that is asked for, if all is well with it. @type {Sweep | null} */
  let next = null;
  /** The sweep that is on screen, and what is left of its runs: null if one did not begin. @type {Sweep | null} */
  let sweep = null;
  /** @type {(import("./sweep-table.js").Kept | null | undefined)[]} */
  let taken = [];
  let done = 0;
  /** How many were over before it was started. */
  let before = 0;
  const kept = new KeptRuns();
  /** The cores that are at it. @type {ReturnType<typeof takeAll> | null} */
  let going = null;
  let began = 0;
  /** The painting that is due. @type {ReturnType<typeof setTimeout> | undefined} */
  let due;
  let [painted, said, tabled] = [0, 0, 0];

  document.title = strings.pageTitle(strings.sweepOf(entry.title));
  byId("title").textContent = strings.sweepOf(entry.title);
  const crumb = /** @type {HTMLAnchorElement} */ (byId("crumb"));
  crumb.textContent = entry.title;

  const button = /** @type {HTMLButtonElement} */ (byId("start"));
  const bar = /** @type {HTMLProgressElement} */ (byId("progress"));
  const file = /** @type {HTMLButtonElement} */ (byId("csv"));
  const forget = byId("forget");
  const show = /** @type {HTMLSelectElement} */ (byId("show"));
  const tables = byId("as-table");
  const table = byId("table");
  table.tabIndex = 0; // it scrolls
  const map = new SweepMap(byId("map"), byId("ramp"), openTile);
  const form = new SweepForm(/** @type {HTMLFormElement} */ (byId("form")), entry, changed);

  /** What of a run is shown, by the words that the address has for it. @type {Map<string, Sight>} */
  const sights = new Map();
  /** @param {string} title @param {[string, Sight][]} more */
  function addSights(title, more) {
    for (const [word, sight] of more) sights.set(word, sight);
    const options = more.map(([value, { label }]) => make("option", { value, text: label }));
    show.append(make("optgroup", { label: title }, ...options));
  }
  addSights(
    strings.metricsOfSeeds,
    entry.metrics.map(({ name, label, never }, index) => [name, { kind: "metric", index, label, never }]),
  );
  const sight = () => /** @type {Sight} */ (sights.get(show.value) ?? [...sights.values()][0]);

  /** @param {Pair[]} link */
  const hrefOf = (link) => `experiment.html${writeQuery(link, packed && pictures.length > 0 ? packed : "")}`;
  /** @param {import("./sweep-map.js").One} one */
  const linkOf = ({ run, taken }) => hrefOf(taken?.link ?? pairsOf(/** @type {Sweep} */ (sweep), run));

  /** Reads the form: what is right with it is the next sweep, and stands in the address. @returns what to say of it */
  function ask() {
    const { axes, seeds, steps } = form.read();
    const known = axes.flatMap(({ values, ...axis }) => (values ? [{ ...axis, values }] : []));
    const names = axes.map(({ param }) => param.name);
    const rest = settings.filter(([name]) => !names.includes(name));
    const fine = seeds !== null && steps !== null && known.length === axes.length;
    next = fine ? { entry, axes: known, rest, seeds, steps } : null;
    if (next && runsOf(next) > MOST_RUNS) next = null;
    const rounded = known.map(({ param, text, values }) => {
      const lost = lostOf(text, values);
      return lost > 0 ? strings.roundedTo(param.label, values.length, values.length + lost) : "";
    });
    const sizes = known.map(({ values }) => values.length);
    const size = fine ? strings.sweepSize(sizes, seeds) + rounded.join("") : strings.mendFirst;
    const words = next || !fine ? size : strings.tooManyRuns(size, MOST_RUNS);
    mayStart();
    byId("native").hidden = !next || !learnt || pictures.length > 0;
    if (!learnt) return words;
    const fixed = settingsOf(entry.params, rest);
    byId("fixed").textContent = fixed.length > 0 ? strings.fixed(fixed) : strings.noneFixed;
    const back = /** @type {HTMLAnchorElement} */ (byId("back"));
    back.href = crumb.href = hrefOf([["v", "1"], ["id", entry.id], ...settings]);
    if (!next) return words;
    const command = [
      `attractor sweep ${entry.id}`,
      ...next.axes.map(({ param, text }) => `--axis ${param.name}=${text}`),
      ...rest.map(([name, text]) => `--set ${name}=${text}`),
      ...[`--seeds ${seeds}`, `--steps ${steps}`, "--out sweep.csv"],
    ];
    byId("command").replaceChildren(...command.flatMap((text) => [make("span", { text }), " "]));
    /** @type {Pair[]} */
    const own = [
      ...next.axes.map(({ param, text }) => /** @type {Pair} */ (["axis", `${param.name}=${text}`])),
      ["seeds", String(seeds)],
      ["steps", String(steps)],
      ["show", show.value],
      ...[...page].filter(([key]) => key === "theme"),
    ];
    const query = writeQuery([["v", "1"], ["id", entry.id], ...rest, ...own], packed ?? "");
    if (origin !== "null") history.replaceState(null, "", query);
    return words;
  }

  /** Whether every run is known; the first that is not ends the search. @param {Sweep} mine */
  function isOver(mine) {
    for (let run = 0; run < runsOf(mine); run++) if (kept.find(mine, run) === undefined) return false;
    return true;
  }

  /** Start is there where there is something to run. */
  function mayStart() {
    if (going) return;
    const over = next !== null && isOver(next);
    // Whoever has pressed it last goes on with what there is to do now.
    if (over && document.activeElement === button) forget.focus();
    button.disabled = !next || !learnt || over;
  }

  function changed() {
    const words = ask();
    if (!going) lay(words);
  }

  /** Shows the sweep that is asked for, with its runs that are over. @param {string} words where there are none */
  function lay(words) {
    if (next) {
      const mine = next;
      sweep = mine;
      taken = Array.from({ length: runsOf(mine) }, (_, run) => kept.find(mine, run));
      before = done = taken.filter((one) => one !== undefined).length;
      bar.max = taken.length;
      map.begin(mine);
    }
    tell(next && done > 0 ? strings.sweepKnown(done, taken.length) : words);
    paint();
  }

  /** @param {string} text @param {boolean} [aloud] */
  function tell(text, aloud = false) {
    byId("state").textContent = text;
    if (aloud) byId("voice").textContent = text;
  }

  function start() {
    if (!next) return;
    lay("");
    const mine = next;
    const runs = taken.length;
    if (done === runs) return;
    dismiss();
    began = said = performance.now();
    byId("alert").hidden = true;
    button.textContent = strings.cancel;
    button.classList.remove("first");
    tell(strings.progress(done, runs), true);
    going = takeAll(mine, pictures, taken, {
      took(run, one) {
        taken[run] = one;
        kept.keep(mine, run, one);
        done += 1;
        // The larger the map, the longer it takes, and the less a tile more is to be seen.
        due ??= setTimeout(paint, Math.max(0, painted + Math.min(1000, runs / 4) - performance.now()));
      },
      done(error) {
        stop();
        if (!error) return;
        showAlert(byId("alert"), strings.crashed, [make("p", { text: strings.sweepCrashed(messageOf(error)) })]);
      },
    });
    paint();
  }

  /** The sweep is over, or called off: what is there stays. */
  function stop() {
    going?.stop();
    going = null;
    button.textContent = strings.start;
    button.classList.add("first");
    paint();
    ask();
    tell(strings.sweepOver(done, taken.length, before, (performance.now() - began) / 1000), true);
  }

  function paint() {
    clearTimeout(due);
    due = undefined;
    painted = performance.now();
    const shown = sight();
    byId("map-title").textContent = shown.label;
    byId("caption").textContent = strings.sweepCaption(shown.kind, sweep?.seeds ?? 1);
    if (!sweep) return;
    map.paint(taken, shown, linkOf);
    bar.value = done;
    file.disabled = done === 0;
    forget.hidden = going !== null || done === 0;
    const now = performance.now();
    if (going) {
      const mine = done - before;
      const left = mine > going.cores ? ((now - began) / mine) * (taken.length - done) : null;
      const aloud = now - said > SAY;
      if (aloud) said = now;
      tell(strings.progress(done, taken.length, left === null ? null : left / 1000), aloud);
    }
    if (!table.hidden && (!going || now - tabled > TABLE)) fillTable();
  }

  /** The table with its header: the runs that are over, in their order. */
  function rows() {
    if (!sweep) return [[]];
    const mine = sweep;
    const query = (/** @type {Pair[]} */ link) => hrefOf(link).split("?")[1];
    const all = taken.flatMap((one, run) => (one === undefined ? [] : [rowOf(mine, claims, run, one, query)]));
    return [columnsOf(mine, claims), ...all];
  }

  function fillTable() {
    tabled = performance.now();
    const [head, ...all] = rows();
    const cell = (/** @type {string} */ text, /** @type {number} */ i) => {
      if (i < head.length - 1) return make("td", { text });
      return make("td", {}, make("a", { href: `experiment.html?${text}`, text: strings.openRun }));
    };
    const line = (/** @type {string[]} */ row) => make("tr", {}, ...row.map(cell));
    const made = make(
      "table",
      { class: "table" },
      make("thead", {}, make("tr", {}, ...head.map((text) => make("th", { scope: "col", text })))),
      make("tbody", {}, ...all.slice(0, MOST_ROWS).map(line)),
    );
    const more =
      all.length > MOST_ROWS ? [make("p", { class: "caption", text: strings.moreRows(MOST_ROWS, all.length) })] : [];
    table.replaceChildren(made, ...more);
  }

  /** The runs of a tile. @param {HTMLElement} tile @param {string} label @param {import("./sweep-map.js").One[]} ones */
  function openTile(tile, label, ones) {
    const links = ones.map((one) => make("li", {}, make("a", { href: linkOf(one), text: wordsOf(sight(), one) })));
    const list = make("ul", {}, ...links);
    const panel = make(
      "div",
      { class: "hint-pop runs", popover: "auto", role: "dialog", "aria-label": label },
      make("p", { text: label }),
      list,
    );
    panel.addEventListener("toggle", (event) => {
      if (/** @type {ToggleEvent} */ (event).newState === "closed") panel.remove();
    });
    placeUnder(panel, tile);
    document.body.append(panel);
    panel.showPopover();
    list.querySelector("a")?.focus();
  }

  button.addEventListener("click", () => (going ? stop() : start()));
  show.addEventListener("change", () => {
    ask();
    paint();
  });
  tables.addEventListener("click", () => {
    const asTable = table.hidden;
    table.hidden = !asTable;
    byId("map").hidden = asTable;
    tables.setAttribute("aria-pressed", String(asTable));
    paint();
    if (asTable) fillTable();
    else map.fit(true);
  });
  forget.addEventListener("click", async () => {
    const back = await kept.forget();
    changed();
    button.focus();
    toast(strings.forgotten, () => {
      back();
      changed();
    });
  });
  file.addEventListener("click", () => {
    const url = URL.createObjectURL(new Blob([csvOf(rows())], { type: "text/csv" }));
    make("a", { href: url, download: `${entry.id}-sweep.csv` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 0);
  });
  onTheme(paint);
  onResize(byId("map"), () => map.fit());

  // What the address asks for. The core says what of the settings is right, and what claims there are.
  const names = entry.params.filter(canVary).map(({ name }) => name);
  /** @type {Pair[]} */
  const axes = [];
  for (const text of asked("axis")) {
    const [name, ...rest] = text.split("=");
    const values = rest.join("=");
    const wanted = !names.includes(name)
      ? strings.noAxis
      : axes.length === 2 || axes.some(([known]) => known === name)
        ? strings.oneAxisTooMany
        : null;
    if (wanted) told.push({ name: name || "axis", given: values, wanted, nearest: null });
    else axes.push([name, values]);
  }
  form.show({ axes, seeds: asked("seeds")[0], steps: asked("steps")[0] });
  changed();
  learn();

  /** Learns from a run of no steps what the settings are, without those that are wrong, and what there is to be seen. */
  async function learn() {
    const lab = new Lab({});
    try {
      pictures = packed ? await unpackPictures(packed).catch(notPictures) : [];
      let given = pairs.filter(([name]) => !OWN.includes(name) && !MANY.includes(name));
      for (let attempt = 0; attempt < 3; attempt++) {
        const answer = await lab.take(given, pictures, 0);
        if (!("faults" in answer)) {
          await kept.open(entry.id, pictures);
          begin(answer);
          break;
        }
        told.push(...answer.faults);
        const wrong = new Set(answer.faults.map(({ name }) => name));
        pictures = attempt === 0 ? pictures.filter(({ param }) => !wrong.has(param)) : [];
        given = given.filter(([name]) => name === "id" || (attempt === 0 && !wrong.has(name)));
      }
      if (told.length > 0) {
        showAlert(byId("alert"), strings.badLink, [make("p", { text: strings.badSweep }), listFaults(entry, told)]);
      }
    } catch (error) {
      showAlert(byId("alert"), strings.noCore, [make("p", { text: strings.noCoreWhy(messageOf(error)) })]);
    } finally {
      lab.close();
    }
  }

  /** @param {unknown} error @returns {import("./types.js").Picture[]} */
  function notPictures(error) {
    told.push({ name: "in", given: "", wanted: messageOf(error), nearest: null });
    return [];
  }

  /** @param {Taken} run of no steps */
  function begin(run) {
    settings = pairsOf({ entry, axes: [], rest: run.values, seeds: 1, steps: 1 }, 0).slice(3); // behind v, id and seed
    claims = run.claims.length;
    learnt = true;
    addSights(
      strings.claimsOfSeeds,
      run.claims.map(({ says }, index) => [`claim-${index + 1}`, { kind: "claim", index, label: says }]),
    );
    const [wanted] = asked("show");
    if (wanted && sights.has(wanted)) show.value = wanted;
    else if (wanted)
      told.push({ name: "show", given: wanted, wanted: strings.oneOf([...sights.keys()]), nearest: null });
    changed();
  }
}
