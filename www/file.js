// A file of the site, or an error that names it.

/** @param {string} path @returns {Promise<Response>} */
export async function fetchFile(path) {
  const response = await fetch(new URL(path, import.meta.url)).catch(() => null);
  if (response?.ok) return response;
  const { status = 0 } = response ?? {};
  throw Object.assign(new Error(`${path} could not be fetched${status ? `: ${status}` : ""}`), { status });
}
