// Every experiment as data, made by the build.

/** @returns {Promise<import("./types.js").Entry[]>} */
export async function fetchCatalogue() {
  const response = await fetch(new URL("pkg/catalogue.json", import.meta.url));
  if (!response.ok) throw new Error(`the catalogue could not be fetched: ${response.status}`);
  return response.json();
}
