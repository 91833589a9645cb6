// The experiment page.
import { showAbout } from "./about.js";
import { byId } from "./dom.js";
import { listOf, readQuery } from "./permalink.js";
import { findEntry, followRun, openRun } from "./run.js";
import { mountShare } from "./share.js";
import { mountSheet } from "./sheet.js";
import { strings } from "./strings.js";
import { startTheme } from "./theme.js";

const { pairs, page } = readQuery(location.search);
startTheme(page.get("theme"));
const id = pairs.find(([key]) => key === "id")?.[1] ?? "";
const entry = await findEntry(id, byId("alert"));
if (entry) {
  document.title = strings.pageTitle(entry.title);
  document.querySelector("meta[name=description]")?.setAttribute("content", entry.lead);
  const crumb = /** @type {HTMLAnchorElement} */ (byId("crumb"));
  crumb.textContent = strings.wings[entry.wing]?.[0] ?? entry.wing;
  crumb.href = `./#${entry.wing}`;
  byId("title").textContent = entry.title;
  byId("lead").textContent = entry.lead;
  showAbout(byId("prose"), byId("aside"), entry);
  const hide = listOf("hide", page);
  for (const name of ["settings", "claims", "about"]) if (hide.has(name)) byId(name).hidden = true;
  const run = await openRun({
    entry,
    alert: byId("alert"),
    views: byId("views"),
    transport: byId("transport"),
    form: /** @type {HTMLFormElement} */ (byId("form")),
    claims: byId("claim-list"),
    hide,
    address: true,
  });
  if (!hide.has("settings")) mountSheet(byId("transport"), byId("settings"));
  byId("defaults").addEventListener("click", () => run.defaults());
  mountShare(byId("share-button"), entry.title, () => run.share());
  followRun(/** @type {HTMLAnchorElement} */ (byId("sweep-link")), "sweep.html", run, pairs);
} else {
  byId("title").textContent = strings.nothingToRun;
  for (const name of ["lead", "share-button", "sweep-link", "lab", "claims", "about"]) byId(name).hidden = true;
}
document.documentElement.dataset.booted = "";
