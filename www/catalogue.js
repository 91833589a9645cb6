// What the build wrote of the experiments: all of them for the gallery, in brief, and each of them whole.
import { fetchFile } from "./file.js";

/** @returns {Promise<import("./types.js").Card[]>} */
export async function fetchCatalogue() {
  return (await fetchFile("pkg/catalogue.json")).json();
}

/** The experiment of that name, or nothing. @param {string} id @returns {Promise<import("./types.js").Entry | null>} */
export async function fetchEntry(id) {
  // What is no name of a file is no experiment.
  if (!/^[a-z0-9-]+$/.test(id)) return null;
  try {
    return await (await fetchFile(`pkg/entries/${id}.json`)).json();
  } catch (error) {
    if (/** @type {{status?: number}} */ (error).status === 404) return null;
    throw error;
  }
}

/** What the card of an experiment shows; see stills.mjs. @param {string} id @returns {Promise<any>} */
export async function fetchStill(id) {
  const still = await (await fetchFile(`stills/${id}.json`)).json();
  const numbers = (/** @type {any} */ packed) => {
    if (Array.isArray(packed)) return Float32Array.from(packed);
    const { low, high, shades } = packed;
    return Float32Array.from(atob(shades), (shade) => low + ((high - low) * shade.charCodeAt(0)) / 255);
  };
  const { ground, marks, rows } = still;
  return { ...still, ground: numbers(ground), marks: numbers(marks), rows: { ...rows, data: numbers(rows.data) } };
}
