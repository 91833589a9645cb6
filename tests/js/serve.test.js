import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { serve } from "../serve.mjs";

let folder;
let site;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "serve-"));
  await mkdir(join(folder, "root/sub folder"), { recursive: true });
  await writeFile(join(folder, "secret.txt"), "secret");
  await writeFile(join(folder, "root/index.html"), "<p>home");
  await writeFile(join(folder, "root/core.wasm"), Uint8Array.of(0, 97, 115, 109));
  await writeFile(join(folder, "root/sub folder/index.html"), "<p>below");
  await symlink(join(folder, "secret.txt"), join(folder, "root/link.txt"));
  site = await serve(join(folder, "root"));
});

after(async () => {
  await site.close();
  await rm(folder, { recursive: true });
});

/** The status of a path sent as it is; fetch would tidy the dots away. */
const rawStatus = (path) =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(site.url);
    request({ hostname, port, path }, (response) => resolve(response.resume().statusCode))
      .on("error", reject)
      .end();
  });

test("files come with their type and are not cached", async () => {
  const home = await fetch(site.url);
  assert.equal(await home.text(), "<p>home");
  assert.equal(home.headers.get("content-type"), "text/html; charset=utf-8");
  assert.equal(home.headers.get("cache-control"), "no-store");
  const wasm = await fetch(`${site.url}core.wasm`);
  assert.equal(wasm.headers.get("content-type"), "application/wasm");
  assert.equal((await wasm.arrayBuffer()).byteLength, 4);
});

test("a folder leads to its index, below a slash", async () => {
  const below = await fetch(`${site.url}sub%20folder?a=1`);
  assert.equal(below.url, `${site.url}sub%20folder/?a=1`);
  assert.equal(await below.text(), "<p>below");
});

test("what is missing, malformed or outside the root is refused", async () => {
  for (const path of ["/none.html", "/%", "/%00", "/../secret.txt", "/..%2fsecret.txt", "/link.txt", "//"]) {
    assert.equal(await rawStatus(path), 404, path);
  }
});

test("a port in use is an error", async () => {
  await assert.rejects(serve(folder, Number(new URL(site.url).port)), { code: "EADDRINUSE" });
});
