// The worker: the core behind messages. What comes before the core is loaded waits.
import { openCore } from "./core.js";

const scope = /** @type {any} */ (globalThis);
const post = (/** @type {unknown} */ message, /** @type {Transferable[]} */ transfer = []) =>
  scope.postMessage(message, transfer);
const handle = openCore(post).catch((error) => {
  post({ type: "crashed", message: String(error?.message ?? error) });
  return () => {};
});
scope.onmessage = async (/** @type {MessageEvent} */ { data }) => (await handle)(data);
