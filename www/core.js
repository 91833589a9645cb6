// Loads the core, with SIMD or without, and puts a host on it: what a worker and the page itself share.
import { createHost } from "./host.js";
import { hasSimd } from "./probe.js";

/** @param {string} name @returns {Promise<Uint8Array>} a bundled file, inflated */
async function file(name) {
  const response = await fetch(new URL(`data/${name}`, import.meta.url));
  if (!response.ok) throw new Error(`${name} could not be fetched: ${response.status}`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  // Some servers send gzip as an encoding, and the browser has inflated it by now.
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * @param {(message: import("./types.js").Tell, transfer?: Transferable[]) => void} post
 * @param {number} [attempt] a core that trapped stays broken, and so does its module: another number loads another one
 */
export async function openCore(post, attempt = 0) {
  const simd = hasSimd();
  const name = simd ? "attractor" : "attractor_scalar";
  const core = await import(`./pkg/${name}.js${attempt > 0 ? `?${attempt}` : ""}`);
  await core.default();
  /** @type {Map<string, Promise<Uint8Array>>} */
  const files = new Map();
  const channel = new MessageChannel();
  /** @type {(() => void)[]} */
  const soon = [];
  channel.port1.onmessage = () => soon.shift()?.();
  const handle = createHost({
    core,
    catalogue: core.paces(),
    post,
    file(name) {
      const known = files.get(name) ?? file(name);
      files.set(name, known);
      known.catch(() => files.delete(name));
      return known;
    },
    now: () => performance.now(),
    later(then, wait) {
      // A message comes sooner than a timer, which browsers hold back by 4 ms.
      if (wait > 4) setTimeout(then, wait);
      else {
        soon.push(then);
        channel.port2.postMessage(null);
      }
    },
  });
  post({ type: "ready", simd });
  return handle;
}
