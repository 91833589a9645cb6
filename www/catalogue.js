// What the build wrote of the experiments: all of them for the gallery, in brief, and each of them whole.

/** @param {string} name @returns {Promise<Response>} */
const fetchFile = (name) => fetch(new URL(name, import.meta.url));

/** @returns {Promise<import("./types.js").Card[]>} */
export async function fetchCatalogue() {
  const response = await fetchFile("pkg/catalogue.json");
  if (!response.ok) throw new Error(`the catalogue could not be fetched: ${response.status}`);
  return response.json();
}

/** The experiment of that name, or nothing. @param {string} id @returns {Promise<import("./types.js").Entry | null>} */
export async function fetchEntry(id) {
  // What is no name of a file is no experiment.
  if (!/^[a-z0-9-]+$/.test(id)) return null;
  const response = await fetchFile(`pkg/entries/${id}.json`);
  if (response.status === 404) return null;
  if (!response.ok) throw new Error(`${id} could not be fetched: ${response.status}`);
  return response.json();
}

/** What the card of an experiment shows; see stills.mjs. @param {string} id @returns {Promise<any>} */
export async function fetchStill(id) {
  const response = await fetchFile(`stills/${id}.json`);
  if (!response.ok) throw new Error(`the picture of ${id} could not be fetched: ${response.status}`);
  const still = await response.json();
  const numbers = (/** @type {any} */ packed) => {
    if (Array.isArray(packed)) return Float32Array.from(packed);
    const { low, high, shades } = packed;
    return Float32Array.from(atob(shades), (shade) => low + ((high - low) * shade.charCodeAt(0)) / 255);
  };
  const { ground, marks, rows } = still;
  return { ...still, ground: numbers(ground), marks: numbers(marks), rows: { ...rows, data: numbers(rows.data) } };
}
