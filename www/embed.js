// The stage alone, for a frame in a course page. It tells the page around it its height and its state.
import { byId } from "./dom.js";
import { listOf, readQuery } from "./permalink.js";
import { findEntry, followRun, openRun } from "./run.js";
import { strings } from "./strings.js";
import { startTheme } from "./theme.js";

const { pairs, page } = readQuery(location.search);
startTheme(page.get("theme"));
const id = pairs.find(([key]) => key === "id")?.[1] ?? "";
const hide = listOf("hide", page);

/** @param {string} type @param {Record<string, unknown>} [detail] */
const tell = (type, detail = {}) =>
  parent !== window && parent.postMessage({ type: `attractor:${type}`, id, ...detail }, "*");
/** Before there is something to see the page around would follow each step of the loading. */
let drawn = false;
function tellHeight() {
  if (!drawn && byId("alert").hidden) return;
  tell("height", { height: Math.ceil(document.documentElement.getBoundingClientRect().height) });
}
new ResizeObserver(tellHeight).observe(document.documentElement);

const entry = await findEntry(id, byId("alert"));
if (entry) {
  document.title = strings.pageTitle(entry.title);
  byId("title").textContent = entry.title;
  const link = /** @type {HTMLAnchorElement} */ (byId("open"));
  byId("top").hidden = hide.has("title") && hide.has("link");
  byId("title").hidden = hide.has("title");
  link.hidden = hide.has("link");
  // Of the settings only the one that matters most, the first that a slider moves, those that are asked for, and those that are to
  // be seen but not moved.
  const [also, lock] = [listOf("also", page), listOf("lock", page)];
  const slider = entry.params.find(({ kind }) => kind.type === "float" || kind.type === "share");
  const asked = entry.params.filter((param) => param === slider || also.has(param.name) || lock.has(param.name));
  const shown = [...asked.map(({ name }) => name), ...(also.has("presets") ? ["presets"] : [])];
  const others = ["presets", ...entry.params.map(({ name }) => name)].filter((name) => !shown.includes(name));
  byId("form").hidden = hide.has("settings") || shown.every((name) => hide.has(name));
  const run = await openRun({
    entry,
    alert: byId("alert"),
    views: byId("views"),
    transport: byId("transport"),
    form: /** @type {HTMLFormElement} */ (byId("form")),
    claims: null,
    hide: new Set([...hide, ...others]),
    address: false,
    waits: true,
    onState(state) {
      tell("state", state);
      if (drawn) return;
      drawn = true;
      tellHeight();
    },
  });
  followRun(link, "experiment.html", run, pairs);
  // A page of a course may hold many of these: only those in sight run.
  new IntersectionObserver((seen) => (seen.at(-1)?.isIntersecting ? run.begin() : run.pause())).observe(byId("stage"));
  tell("ready");
} else for (const name of ["views", "form", "transport"]) byId(name).hidden = true;
document.documentElement.dataset.booted = "";
