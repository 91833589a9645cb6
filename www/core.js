// Loads the core, with SIMD or without, and puts a host on it: what a worker and the page itself share.
import { fetchFile } from "./file.js";
import { createHost } from "./host.js";
import { hasSimd } from "./probe.js";

/** @param {string} name @returns {Promise<Uint8Array>} a bundled file, inflated */
async function file(name) {
  const response = await fetchFile(`data/${name}`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  // Some servers send gzip as an encoding, and the browser has inflated it by now.
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** @param {string} name @returns {Promise<ArrayBuffer>} the code of a part; see split.mjs */
const code = async (name) => (await fetchFile(`pkg/${name}.wasm`)).arrayBuffer();

/** Keeps what was fetched, but no failure. @template T @param {(name: string) => Promise<T>} get */
function kept(get) {
  /** @type {Map<string, Promise<T>>} */
  const known = new Map();
  return (/** @type {string} */ name) => {
    const found = known.get(name) ?? get(name);
    known.set(name, found);
    found.catch(() => known.delete(name));
    return found;
  };
}

const flavour = () => (hasSimd() ? "attractor" : "attractor_scalar");

/** All code that an experiment runs on here: what tells one build from another. @param {string} id */
export async function codeOf(id) {
  const name = flavour();
  const { default: parts } = await import(`./pkg/${name}.parts.js`);
  return Promise.all([`${name}_bg`, ...parts[id].map((/** @type {string} */ part) => `${name}.${part}`)].map(code));
}

/**
 * @param {(message: import("./types.js").Tell, transfer?: Transferable[]) => void} post
 * @param {number} [attempt] a core that trapped stays broken, and so does its module: another number loads another one
 */
export async function openCore(post, attempt = 0) {
  const name = flavour();
  const [core, { default: parts }] = await Promise.all([
    import(`./pkg/${name}.js${attempt > 0 ? `?${attempt}` : ""}`),
    import(`./pkg/${name}.parts.js`),
  ]);
  const given = { ...(await core.default()) };
  const fetched = kept(code);
  const add = kept(async (/** @type {string} */ name) => {
    const { instance } = await WebAssembly.instantiate(await fetched(name), { core: given });
    Object.assign(given, instance.exports);
  });
  const channel = new MessageChannel();
  /** @type {(() => void)[]} */
  const soon = [];
  channel.port1.onmessage = () => soon.shift()?.();
  const handle = createHost({
    core,
    catalogue: core.entries(),
    post,
    file: kept(file),
    async part(id) {
      const files = parts[id].map((/** @type {string} */ part) => `${name}.${part}`);
      files.forEach(fetched);
      // Each calls those before it.
      for (const file of files) await add(file);
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
  post({ type: "ready", simd: hasSimd() });
  return handle;
}
