// One experiment on a page: the core, the stage, the transport, the settings and the claims, wired to each other.
// The experiment page and the embed are this with other furniture around it.
import { keepAddress } from "./address.js";
import { showAlert } from "./alert.js";
import { fetchEntry } from "./catalogue.js";
import { showClaims } from "./claims.js";
import { calm, make } from "./dom.js";
import { Form } from "./form.js";
import { History } from "./history.js";
import { listenToKeys } from "./keys.js";
import { Lab } from "./lab.js";
import { messageOf } from "./message.js";
import {
  addressOf,
  listOf,
  pageFaults,
  readQuery,
  touchesOf,
  unpackPictures,
  without,
  writeQuery,
} from "./permalink.js";
import { powers } from "./powers.js";
import { Stage } from "./stage.js";
import { strings } from "./strings.js";
import { dismiss, toast } from "./toast.js";
import { Transport } from "./transport.js";

/** Milliseconds of rest after which the address follows the run. */
const REST = 400;
/** Steps a second at most, where little motion is asked for. */
const CALM = 2;
/** Steps that "go back" goes back after a divergence. */
const BACK = 100;
/** Pixels along each side of a picture that is brought: as many as the finest pictures of any run. */
const SIDE = 64;

/**
 * @typedef {import("./types.js").Pair} Pair
 * @typedef {import("./types.js").Fault} Fault
 * @typedef {import("./types.js").Frame} Frame
 */

/**
 * @param {object} furniture
 * @param {import("./types.js").Entry} furniture.entry
 * @param {HTMLElement} furniture.alert
 * @param {HTMLElement} furniture.views
 * @param {HTMLElement} furniture.transport
 * @param {HTMLFormElement} furniture.form
 * @param {HTMLElement | null} furniture.claims
 * @param {Set<string>} furniture.hide names of what is not shown
 * @param {boolean} furniture.address whether the window's address follows the run
 * @param {boolean} [furniture.waits] whether a run that is to play by itself waits for `begin`
 * @param {(state: {step: number, ended: string | null, digest: string | null}) => void} [furniture.onState]
 */
export async function openRun({ entry, alert, views, transport, form, claims, hide, address, waits = false, onState }) {
  let asked = readQuery(location.search);
  const lock = listOf("lock", asked.page);
  let rows = new History();
  /** @type {Frame | null} */
  let shown = null;
  /** @type {Map<string, string>} */
  let values = new Map();
  /** @type {import("./types.js").Picture[]} */
  let pictures = [];
  /** Pixels along each side of the pictures of the run on screen. */
  let side = SIDE;
  let seed = "1";
  let playOn = asked.page.get("play") === "1";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let resting;
  /** @type {{frame: Frame, paint: number} | null} */
  let pending = null;
  // A frame in a sandbox has no origin, and may not write an address.
  const bar = address && origin !== "null" ? keepAddress(open) : null;
  /** The time of the browser's frame that was last painted in. @type {CSSNumberish | null} */
  let painted = null;
  /** Whether the run began and was not seen yet where it was to begin. */
  let fresh = false;
  /** What is asked of the settings and not answered yet. @type {Map<string, string>} */
  let asking = new Map();
  /** What was last asked of them, answered or not. @type {Map<string, string>} */
  let wanted = new Map();
  /** The change that waits for the address to follow what it leaves: what is asked for meanwhile comes after it. @type {Promise<void> | null} */
  let underWay = null;
  /** Whether the change that is under way leaves what was to be gone back to. */
  let leaving = false;
  /** Tells of a picture that is on its way to be stored: that it was, or why it was not. @type {((why?: string) => void) | null} */
  let tellStored = null;
  const voice = make("p", { class: "sr", role: "status" });
  claims?.after(voice);

  const stage = new Stage(views, {
    onTouch: (gesture) => lab.touch(gesture),
    onRelease: () => lab.play(calmed(keys.speedNow)),
    onPick: (param, choice) => settings.pick(param, choice),
    onSet: (param, x) => settings.move(param, x),
    onSeek: (step) => lab.seek(step),
    lock,
    async onStore(picture) {
      const back = await wayBack();
      if (settings.bring([picture])) tellStored = (why) => (why ? toast(why) : toast(strings.stored, back));
      else if (!lock.has(picture.param)) toast(strings.notStored);
    },
  });

  /** With little motion asked for, a run moves in calm jumps. @param {number} speed */
  const calmed = (speed) => (calm() && entry.pace > 0 ? Math.min(speed, CALM / entry.pace) : speed);

  const keys = new Transport(
    transport,
    entry,
    {
      play: (speed) => lab.play(calmed(speed)),
      pause: () => lab.pause(),
      seek: (step) => lab.seek(step),
      restart: () => lab.seek(0),
      newSeed,
      seed: (text) => leave(() => lab.start(pairsNow(text), pictures)),
      speed: (speed) => shown?.playing && lab.play(calmed(speed)),
    },
    hide,
  );
  // A step far on takes its time.
  const at = asked.pairs.find(([name]) => name === "at")?.[1] ?? "0";
  if (Number(at) > 0) keys.now.textContent = strings.underWay(0, Number(at));
  const speed = strings.speeds.find(([, , word]) => word === asked.page.get("speed"));
  if (speed) keys.speed.value = String(speed[1]);

  const settings = new Form(
    form,
    entry,
    {
      set(name, text) {
        asking.set(name, text);
        wanted.set(name, text);
        if (underWay) underWay.then(() => lab.set([[name, text]]));
        else lab.set([[name, text]]);
      },
      all(next) {
        // All are sent: what was asked for before may still be on its way.
        const differs = [...next].some(
          ([name, text]) => values.get(name) !== text || (wanted.get(name) ?? text) !== text,
        );
        asking = new Map(next);
        wanted = new Map(next);
        // What a hand did to a run does not belong to the settings that are asked for.
        if (shown?.touched) leave(() => lab.start(pairsNow(seed, next), pictures));
        else if (differs) leave(() => lab.set([...next]));
        else asking.clear();
      },
      bring,
      fit,
    },
    { hide, lock },
  );

  listenToKeys({
    toggle: () => keys.toggle(),
    forward: () => keys.forward(),
    back: () => keys.back(),
    restart: () => lab.seek(0),
    newSeed,
  });

  /** The pairs of a run like this one from its start. @param {string} withSeed @param {Map<string, string>} [but] other values @returns {Pair[]} */
  const pairsNow = (withSeed, but = new Map()) => [
    ["id", entry.id],
    ["seed", withSeed],
    ...[...new Map([...values, ...but])].filter(([, text]) => text !== ""),
  ];

  async function newSeed() {
    if (!shown || hide.has("seed")) return;
    const back = await wayBack();
    const next = String(1 + Math.floor(Math.random() * 9999));
    leave(() => lab.start(pairsNow(next), pictures));
    toast(strings.seedNow(Number(next)), back);
  }

  /** How to come back to the run as it is now, at its step. */
  async function wayBack() {
    const before = pictures;
    const link = await lab.link().catch(() => null);
    const pairs = link?.pairs ?? pairsNow(seed);
    return () => {
      pictures = before;
      lab.start(pairs, before);
    };
  }

  /** A change to which Back is the way back, if the core takes it. @param {() => void} change */
  async function leave(change) {
    dismiss();
    const before = underWay;
    const mine = (async () => {
      await before;
      const place = bar?.place;
      await follow();
      if (bar?.place !== place) await follow(); // the change before was taken meanwhile, and has an entry of its own
      leaving = bar !== null;
      change();
    })();
    underWay = mine;
    await mine;
    if (underWay === mine) underWay = null;
  }

  function accepted() {
    asking = new Map();
    if (leaving) bar?.leave();
    leaving = false;
    tellStored?.();
    tellStored = null;
  }

  /** Begins the run anew with these. @param {import("./types.js").Picture[]} next */
  async function bring(next) {
    const before = pictures;
    pictures = next;
    undo = () => {
      pictures = before;
      settings.showPictures(before);
    };
    // What the hand drew stays, unless the picture takes its place.
    const changed = [...before, ...next].filter((picture) => !(before.includes(picture) && next.includes(picture)));
    const link = changed.some(alone) ? null : await lab.link().catch(() => null);
    lab.start([...pairsNow(seed), ...touchesOf(link?.pairs ?? [])], next);
  }

  /** Whether a picture is the only one of its parameter. @param {import("./types.js").Picture} picture */
  const alone = ({ param }) =>
    entry.params.some(({ name, kind }) => name === param && kind.type === "images" && kind.most === 1);

  /** A picture that is brought, no larger than any run reads it. @param {import("./pictures.js").Ink} picture */
  async function fit({ width, height, ink }) {
    return { width: SIDE, height: SIDE, ink: await lab.resize(ink, width, height, SIDE) };
  }

  /** The pictures as this run reads them: its link is short, and the run of the link the same. */
  const asRead = () =>
    Promise.all(
      pictures.map(async (picture) => {
        const { width, height, ink } = picture;
        if (Math.max(width, height) <= side) return picture;
        return { ...picture, width: side, height: side, ink: await lab.resize(ink.slice(), width, height, side) };
      }),
    );

  /** Whether the address holds all pictures. */
  let holdsAll = true;

  /** Takes back pictures that the core refused. @type {() => void} */
  let undo = () => {};

  /** @param {string} title @param {(Node | string)[]} body @param {[string, () => void][]} [acts] */
  const warn = (title, body, acts) => showAlert(alert, title, body, acts);

  /** @param {Fault[]} faults */
  const listed = (faults) => listFaults(entry, faults);

  /**
   * A link with faults: the run starts without what is wrong, and each fault is told at its own place.
   * What still does not start then is started bare.
   * @param {Fault[]} faults
   */
  function startWithout(faults) {
    attempts += 1;
    const wrong = new Set(faults.map(({ name }) => name));
    // What the words of another version mean is not known here: none is read, nor told.
    const foreign = wrong.has("v");
    told.push(...faults.filter(({ name }) => !foreign || name === "v"));
    const read = attempts === 1 && !foreign;
    const good = read ? asked.pairs.filter(([name]) => name !== "id" && !wrong.has(name)) : [];
    pictures = read ? pictures.filter(({ param }) => !wrong.has(param)) : [];
    if (attempts < 3) lab.start([["id", entry.id], ...good], pictures);
    else warn(strings.cannotStart, [listed(told)]);
  }
  /** What is wrong with the keys of the address that only the page reads. @param {number} views */
  const misread = (views) =>
    pageFaults(asked.page, {
      params: entry.params.map(({ name }) => name),
      views,
      speeds: strings.speeds.map(([, , word]) => word),
    });
  let attempts = 0;
  /** Faults that wait for a run to stand beside. @type {Fault[]} */
  let told = [];

  const lab = new Lab({
    started(message) {
      accepted();
      if (pending) cancelAnimationFrame(pending.paint); // its numbers are not for this layout
      pending = null;
      rows = new History();
      values = new Map(message.values);
      seed = message.seed;
      fresh = true;
      stage.show(
        message.layout,
        message.ground,
        entry.metrics.map(({ name }) => name),
        hide,
      );
      const glyphs = message.layout.filter((view) => view.kind === "glyphs");
      side = glyphs.length > 0 ? Math.max(...glyphs.flatMap(({ rows, cols }) => [rows, cols])) : SIDE;
      for (const { picks, items } of glyphs) if (picks) settings.name(picks, items);
      settings.show(message.values);
      settings.reach(message.reaches); // it says which values reach too far
      settings.showPictures(pictures);
      keys.begin(seed, message.last);
      views.classList.remove("loading");
      form.inert = false;
      undo = () => {};
      if (!shown) {
        const faults = misread(message.layout.length);
        told.push(...faults);
        asked.page = without(asked.page, faults); // the address follows without them
      }
      if (told.length > 0) {
        const apart = told.filter((fault) => !settings.refuse(fault) && !keys.refuse(fault));
        if (apart.length > 0) {
          const why = apart.some(({ name }) => name === "v") ? strings.otherVersion : strings.badLinkWhy;
          warn(strings.badLink, [make("p", { text: why }), listed(apart)]);
        }
        told = [];
      } else alert.hidden = true; // it spoke of a run that is no more
    },
    frame({ captions, ...rest }) {
      const frame = { ...rest, captions: captions.map(powers) };
      if (pending) {
        cancelAnimationFrame(pending.paint);
        lab.recycle(pending.frame);
        takeRows(pending.frame);
      }
      // What answers a hand is drawn as it comes, to be seen a frame sooner; what plays, and more in one frame, keeps time with them.
      if (!frame.playing && document.timeline.currentTime !== painted) paint(frame);
      else pending = { frame, paint: requestAnimationFrame(() => paint(frame)) };
    },
    taken(pairs) {
      if (pairs.every(([name, text]) => values.get(name) === text)) leaving = false; // there is nothing to go back to
      accepted();
      for (const [name, text] of pairs) values.set(name, text);
      settings.show([...values]);
      followSoon();
    },
    refused(faults, starting) {
      leaving = false;
      tellStored?.(faults.map(({ wanted }) => strings.storedNot(wanted)).join(" "));
      tellStored = null;
      asking = new Map();
      if (starting && !shown) {
        startWithout(faults);
        return;
      }
      undo();
      const apart = faults.filter((fault) => !settings.refuse(fault) && !keys.refuse(fault));
      if (apart.length > 0) warn(strings.cannotStart, [listed(apart)]);
    },
    crashed(message) {
      keys.wait();
      if (!shown) {
        keys.now.textContent = "";
        views.classList.remove("loading");
        form.inert = true; // there is no run to set
      }
      warn(
        shown ? strings.crashed : strings.noCore,
        [make("p", { text: shown ? strings.crashedWhy(message) : strings.noCoreWhy(message) })],
        [
          [
            strings.startAgain,
            () => {
              alert.hidden = true;
              if (!shown) views.classList.add("loading");
              // Before a first run there are no values but those that were asked for.
              lab.start(values.size > 0 ? pairsNow(seed, asking) : asked.pairs, pictures);
            },
          ],
        ],
      );
    },
  });

  /** @param {Frame} frame */
  function takeRows(frame) {
    rows.add(frame.rows);
    if (frame.branched) rows.cut(frame.step);
  }

  /** @param {Frame} frame */
  function paint(frame) {
    pending = null;
    painted = document.timeline.currentTime;
    takeRows(frame);
    settings.touch(frame.touched);
    const apart = (frame.values ?? []).some(([name, text]) => values.get(name) !== text);
    if (apart && frame.values && asking.size === 0) {
      values = new Map(frame.values);
      wanted.clear();
      settings.show(frame.values);
    }
    shown = frame;
    const { step, playing, captions, digest } = frame;
    stage.paint(frame.slots, { step, playing, captions, rows, values }, () => {
      views.dataset.step = String(step);
      if (digest) views.dataset.digest = digest;
      else delete views.dataset.digest;
    });
    keys.show(frame);
    if (frame.claims && claims) showClaims(claims, voice, frame.claims, (preset) => settings.press(preset));
    if (frame.ended?.metric) {
      const { ended } = frame;
      const { label = "" } = entry.metrics.find(({ name }) => name === ended.metric) ?? {};
      warn(
        strings.stoppedAt(step),
        [make("p", { text: strings.diverged(label, ended.value ?? "") })],
        [[strings.goBack(step, BACK), () => lab.seek(Math.max(0, step - BACK))]],
      );
      // It tells why nothing moves any more: wherever the page was scrolled to, it has to be seen. A frame in another page
      // would move that.
      if (!alert.hasAttribute("data-diverged") && parent === window) alert.scrollIntoView({ block: "center" });
    } else if (alert.hasAttribute("data-diverged")) alert.hidden = true;
    alert.toggleAttribute("data-diverged", Boolean(frame.ended?.metric));
    onState?.({ step, ended: frame.ended?.word ?? null, digest });
    lab.recycle(frame);
    if (frame.goal !== null) return; // neither link nor play begins on the way
    if (!waits) begin();
    if (!frame.playing || frame.branched || fresh) followSoon();
    fresh = false;
  }

  /** The address follows what was done, and a run that rests. */
  function followSoon() {
    clearTimeout(resting);
    resting = setTimeout(follow, REST);
  }

  /** Plays, if the address asks for it. */
  function begin() {
    waits = false;
    if (!playOn || !shown) return;
    playOn = false;
    lab.play(calmed(keys.speedNow));
  }

  /** The run's link and its address as it stands; null while there is none. */
  async function share() {
    try {
      const link = await lab.link().catch(() => null); // the core crashed on the way, and that is told
      return link && { link, ...(await addressOf(link, await asRead())) };
    } catch {
      return null; // the core crashed on the way, and that is told
    }
  }

  /** The window's address says what is on screen. */
  async function follow() {
    const place = bar?.place;
    const now = bar && (await share());
    if (!now || bar.place !== place) return;
    const more = [...asked.page]
      .filter(([key]) => key !== "play")
      .map(([key, text]) => `&${key}=${encodeURIComponent(text)}`);
    bar.follow(now.query + more.join(""));
    // A reload begins with what the address holds.
    if (now.pictures === holdsAll) return;
    holdsAll = now.pictures;
    settings.tell(holdsAll ? "" : strings.tooManyToKeep);
  }

  /** The run that the window's address names. */
  async function open() {
    clearTimeout(resting);
    asked = readQuery(location.search);
    const { pictures: packed } = asked;
    try {
      pictures = packed ? await unpackPictures(packed) : [];
    } catch (error) {
      told.push({ name: "in", given: "", wanted: messageOf(error), nearest: null });
    }
    lab.start(asked.pairs, pictures);
  }

  // Pictures may be pasted anywhere and dropped on the stage.
  if (settings.imageParam) {
    const target = settings.imageParam;
    document.addEventListener("paste", (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length > 0) settings.bringFiles(target, files);
    });
    document.addEventListener("dragover", (event) => event.preventDefault());
    document.addEventListener("drop", (event) => {
      if (event.defaultPrevented) return; // a drop zone took it
      event.preventDefault();
      settings.bringFiles(target, [...(event.dataTransfer?.files ?? [])]);
    });
  }
  transport.hidden = hide.has("transport");
  document.addEventListener("visibilitychange", () => document.hidden && shown?.playing && lab.pause());

  await open();
  return {
    begin,
    /** Stops, and does not begin by itself until `begin`. */
    pause() {
      waits = true;
      if (shown?.playing) lab.pause();
    },
    defaults: () => settings.take([]),
    share,
  };
}

/**
 * A link to another page leads to the run as it stands when it is taken.
 * @param {HTMLAnchorElement} link @param {string} page @param {Awaited<ReturnType<typeof openRun>>} run @param {Pair[]} pairs of the run as it was asked for
 */
export function followRun(link, page, run, pairs) {
  link.href = page + writeQuery(pairs);
  for (const type of ["pointerenter", "focus"]) {
    link.addEventListener(type, async () => {
      const now = await run.share();
      if (now) link.href = page + now.query;
    });
  }
}

/** Faults in words. @param {import("./types.js").Entry} entry @param {Fault[]} faults */
export function listFaults({ params }, faults) {
  const lines = faults.map(({ name, wanted, given, nearest }) => {
    const label = params.find((param) => param.name === name)?.label ?? name;
    const near = nearest ? ` ${strings.nearest(nearest)}` : "";
    return make("li", { text: strings.fault(label, wanted, given) + near });
  });
  return make("ul", {}, ...lines);
}

/** The name of an experiment that this may have been meant to be: the core knows them all. @param {string} id @returns {Promise<string | null>} */
function nearestTo(id) {
  return new Promise((answer) => {
    const lab = new Lab({
      refused([fault]) {
        answer(fault.nearest);
        lab.close();
      },
      crashed: () => answer(null),
    });
    lab.start([["id", id]]);
  });
}

/**
 * The experiment of that name. Where there is none, or it cannot be had, the alert says so.
 * @param {string} id @param {HTMLElement} alert
 */
export async function findEntry(id, alert) {
  try {
    const entry = await fetchEntry(id);
    if (entry) return entry;
    const near = id && (await nearestTo(id));
    const ways = make("p", { class: "acts" });
    if (near) {
      const query = writeQuery([["id", near]]);
      ways.append(make("a", { class: "button", href: query, text: strings.openNearest(near) }));
    }
    ways.append(make("a", { class: "button", href: "./", text: strings.seeAll }));
    const asked = id ? [make("p", { text: near ? `“${id}”. ${strings.nearest(near)}` : `“${id}”` })] : [];
    showAlert(alert, strings.noExperiment, [...asked, ways]);
  } catch (error) {
    showAlert(alert, strings.noFile, [make("p", { text: strings.noCoreWhy(messageOf(error)) })]);
  }
  return null;
}
