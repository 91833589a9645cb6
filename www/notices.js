// The page of notices: nothing moves on it but the theme.
import "./dom.js";
import { startTheme } from "./theme.js";

startTheme(new URLSearchParams(location.search).get("theme"));
document.documentElement.dataset.booted = "";
