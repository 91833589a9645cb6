// A static server for this machine only: what `./build.sh serve` runs and what the browser tests load from.
//   node tests/serve.mjs <root> [port]

import { readFile, realpath, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".mjs": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2",
};

/** The file that a request's path names below `root`; throws when there is none. */
async function find(root, path) {
  const wanted = await realpath(join(root, decodeURIComponent(path)));
  // After realpath, so that neither `..` nor a link leads out.
  if (wanted !== root && !wanted.startsWith(root + sep)) throw new Error(`outside the root: ${path}`);
  const folder = (await stat(wanted)).isDirectory();
  return { folder, file: folder ? join(wanted, "index.html") : wanted };
}

/**
 * Serves the files below `root` on localhost. Port 0 takes a free one.
 * Nothing is cached unless the caller says so: an edited file is seen on reload. Any origin may read, as frames in a sandbox must.
 * @returns {Promise<{url: string, close: () => Promise<void>}>} `url` ends in a slash.
 */
export async function serve(root, port = 0, cache = "no-store") {
  const base = await realpath(resolve(root));
  const server = createServer(async (request, response) => {
    try {
      const { pathname, search } = new URL(request.url, "http://localhost");
      const { folder, file } = await find(base, pathname);
      if (folder && !pathname.endsWith("/")) {
        response.writeHead(308, { location: `${pathname}/${search}` }).end();
        return;
      }
      const body = await readFile(file);
      const type = TYPES[extname(file)] ?? "application/octet-stream";
      const head = { "content-type": type, "cache-control": cache, "access-control-allow-origin": "*" };
      response.writeHead(200, head).end(body);
    } catch {
      response.writeHead(404, { "content-type": TYPES[".txt"] }).end(`no such file: ${request.url}\n`);
    }
  });
  await new Promise((listening, failed) => {
    server.once("error", failed).listen(port, "127.0.0.1", listening);
  });
  return {
    url: `http://localhost:${server.address().port}/`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [root, port] = process.argv.slice(2);
  const { url } = await serve(root, Number(port ?? 0)).catch((error) => {
    console.error(`cannot serve ${root} on port ${port}: ${error.message}`);
    process.exit(1);
  });
  console.log(`Attractor is at ${url} (Ctrl-C ends it)`);
}
