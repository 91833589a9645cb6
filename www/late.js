// Says at once that a script of the page did not come or broke off. It needs nothing of the others, and its words stand in the
// page: the file of strings may be what is missing.

const tell = (/** @type {Event} */ { target }) => {
  if (target !== window && !(target instanceof HTMLScriptElement)) return; // a picture or a style harms nothing else
  const line = /** @type {HTMLElement | null} */ (document.querySelector(".late"));
  if (line && !("booted" in document.documentElement.dataset)) line.textContent = line.dataset.missing ?? "";
  document.documentElement.dataset.missing = "";
};
addEventListener("error", tell, true);
addEventListener("unhandledrejection", tell);
