/** Instantiates the bench. Its imports are faces of the project that a bench never calls. */
export async function instantiate(bytes) {
  const module = await WebAssembly.compile(bytes);
  const imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    imports[from] ??= {};
    imports[from][name] = () => {
      throw new Error(`the bench called the import ${from}.${name}`);
    };
  }
  const instance = await WebAssembly.instantiate(module, imports);
  return instance.exports;
}
