// The address of a run: which of its keys say what the run is, which how a page shows it, and how pictures travel in it.
import { strings } from "./strings.js";

/** Keys that only the page reads. */
const PAGE = ["hide", "also", "lock", "theme", "speed", "play"];
/** Those that hold several words. */
const LISTS = ["hide", "also", "lock"];
/** An address longer than this is cut by some servers and mail programs. */
const LONGEST = 6000;

/**
 * @typedef {import("./types.js").Pair} Pair
 * @typedef {import("./types.js").Picture} Picture
 */

/**
 * @param {string} query
 * @returns {{pairs: Pair[], page: Map<string, string>, pictures: string | null}}
 */
export function readQuery(query) {
  const all = /** @type {Pair[]} */ ([...new URLSearchParams(query)]);
  const pictures = all.find(([key]) => key === "in")?.[1] ?? null;
  return {
    pairs: all.filter(([key]) => !PAGE.includes(key) && key !== "in"),
    page: new Map(all.filter(([key]) => PAGE.includes(key))),
    pictures,
  };
}

/** What `hide` leaves out of a page, besides parameters and views. */
const FURNITURE = ["title", "link", "transport", "speed", "seed", "settings", "presets", "claims", "about"];

/**
 * What is wrong with the keys that only the page reads. Nothing of it keeps a run from starting.
 * @param {Map<string, string>} page
 * @param {{params: string[], views: number, speeds: string[]}} known
 * @returns {import("./types.js").Fault[]}
 */
export function pageFaults(page, { params, views, speeds }) {
  const places = Array.from({ length: views }, (_, i) => `view-${i + 1}`);
  const known = /** @type {Record<string, string[]>} */ ({
    theme: ["light", "dark"],
    play: ["0", "1"],
    speed: speeds,
    hide: [...FURNITURE, ...places, ...params],
    also: ["presets", ...params],
    lock: params,
  });
  return [...page].flatMap(([name, text]) =>
    (LISTS.includes(name) ? [...listOf(name, page)] : [text])
      .filter((given) => !known[name].includes(given))
      .map((given) => ({ name, given, wanted: strings.oneOf(known[name]), nearest: null })),
  );
}

/** The keys of a page but for the words that are at fault. @param {Map<string, string>} page @param {import("./types.js").Fault[]} faults */
export function without(page, faults) {
  const wrong = (/** @type {string} */ key, /** @type {string} */ word) =>
    faults.some(({ name, given }) => name === key && given === word);
  const rest = [...page].map(([key, text]) => {
    const words = LISTS.includes(key) ? [...listOf(key, page)] : [text];
    return /** @type {Pair} */ ([key, words.filter((word) => !wrong(key, word)).join()]);
  });
  return new Map(rest.filter(([, text]) => text !== ""));
}

/** A list with commas that the page reads. @param {string} key @param {Map<string, string>} page */
export const listOf = (key, page) => new Set((page.get(key) ?? "").split(",").filter((name) => name !== ""));

/**
 * What a hand did to a run, as it is done to another one at its start. Settings are left out: they are in its values.
 * @param {Pair[]} pairs of the run's link @returns {Pair[]}
 */
export function touchesOf(pairs) {
  const record = pairs.find(([key]) => key === "do")?.[1] ?? "";
  const touches = record.split("~").filter((act) => act !== "" && !/^\d+s/.test(act));
  return touches.length > 0 ? [["do", touches.map((act) => act.replace(/^\d+(?=[a-z])/, "0")).join("~")]] : [];
}

/** The query of a run. Dots, tildes and colons stay readable. @param {Pair[]} pairs @param {string} [pictures] */
export function writeQuery(pairs, pictures = "") {
  const all = pictures ? [...pairs, /** @type {Pair} */ (["in", pictures])] : pairs;
  return `?${all.map(([key, text]) => `${key}=${encodeURIComponent(text)}`).join("&")}`;
}

/**
 * The address of a run on this page's own site, and what it had to leave out.
 * @param {import("./types.js").Link} link @param {Picture[]} pictures
 */
export async function addressOf(link, pictures) {
  const packed = await packPictures(pictures);
  const query = writeQuery(link.pairs, packed);
  const fits = query.length <= LONGEST;
  return { query: fits ? query : writeQuery(link.pairs), pictures: fits };
}

/** @param {Uint8Array} bytes @param {CompressionStream | DecompressionStream} through */
async function pass(bytes, through) {
  const stream = new Blob([/** @type {BlobPart} */ (bytes)]).stream().pipeThrough(through);
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * base64url of deflate of, for each picture: the length of its parameter's name in one byte, the name, width and height
 * in two bytes each (big-endian), and a byte of ink a pixel. The command line reads the same.
 * @param {Picture[]} pictures
 */
export async function packPictures(pictures) {
  if (pictures.length === 0) return "";
  const parts = pictures.map(({ param, width, height, ink }) => {
    const name = new TextEncoder().encode(param);
    const head = Uint8Array.of(name.length, ...name, width >> 8, width & 255, height >> 8, height & 255);
    return new Uint8Array([...head, ...ink]);
  });
  const bytes = new Uint8Array(await new Blob(/** @type {BlobPart[]} */ (parts)).arrayBuffer());
  const packed = await pass(bytes, new CompressionStream("deflate-raw"));
  const text = btoa(Array.from(packed, (byte) => String.fromCharCode(byte)).join(""));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * @param {string} text
 * @returns {Promise<Picture[]>}
 * @throws {Error} saying what is wrong with the text
 */
export async function unpackPictures(text) {
  let bytes;
  try {
    const packed = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
    bytes = await pass(packed, new DecompressionStream("deflate-raw"));
  } catch {
    throw new Error("must be deflated pictures in base64url");
  }
  const pictures = [];
  for (let at = 0; at < bytes.length; ) {
    const name = bytes[at];
    const param = new TextDecoder().decode(bytes.subarray(at + 1, at + 1 + name));
    const size = bytes.subarray(at + 1 + name, at + 5 + name);
    const [width, height] = [(size[0] << 8) | size[1], (size[2] << 8) | size[3]];
    const from = at + 5 + name;
    const ink = bytes.slice(from, from + width * height);
    if (size.length < 4 || ink.length === 0 || ink.length < width * height)
      throw new Error("ends in the middle of a picture");
    pictures.push({ param, width, height, ink });
    at = from + width * height;
  }
  return pictures;
}
