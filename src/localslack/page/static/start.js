// The connection and what it tells, begun while the rest of the page is still on its way.
import { Api } from "./api.js";
import { Live } from "./live.js";
import { seatOfWindow } from "./route.js";
import { Store } from "./store.js";

export const store = new Store();
export const api = new Api(seatOfWindow());
export const live = new Live(() => api.liveUrl);

/** @type {Promise<import("./types.js").State> | null} */
let first = null;

/** The state of the workspace: once the one that was asked for at the start, then a fresh one. */
export function fetchState() {
  const state = first ?? api.state();
  first = null;
  return state;
}

// First the greeting, then the state, so that nothing falls between; what comes early waits in the store.
live.addEventListener("up", () => {
  store.pause();
  first = api.state();
});
live.addEventListener("frame", ({ detail }) => store.apply(detail));
live.connect();
