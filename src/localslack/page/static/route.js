// Where in the workspace a window is, as its address says: it can be reloaded, shared, gone back to.

/**
 * @typedef {object} Route
 * @property {string | null} channel
 * @property {string | null} thread a root's ts
 * @property {boolean} home whether an app's Home tab is open
 * @property {string | null} highlight the ts of the message that a permalink leads to
 */

const ARCHIVE = /^\/archives\/(\w+)\/p(\d+)(\d{6})$/;

/** @param {Location | URL} address @returns {Route} */
export function readRoute({ pathname, search, hash }) {
  const link = ARCHIVE.exec(pathname);
  if (link) {
    const [, channel, whole, fraction] = link;
    const thread = new URLSearchParams(search).get("thread_ts");
    return { channel, thread, home: false, highlight: `${whole}.${fraction}` };
  }
  const [channel, place] = hash.slice(1).split("/");
  const isThread = /^\d+\.\d+$/.test(place ?? "");
  return {
    channel: channel || null,
    thread: isThread ? place : null,
    home: place === "home",
    highlight: null,
  };
}

/** @param {Partial<Route>} route @param {string} seat */
export function writeRoute({ channel, thread, home }, seat) {
  const place = home ? "/home" : thread ? `/${thread}` : "";
  return `/?as=${encodeURIComponent(seat)}#${channel ?? ""}${place}`;
}

const SEAT_KEY = "localslack:seat";

/** Who this window's person is; null where nobody was chosen yet. @returns {string | null} */
export const seatOfWindow = () =>
  new URLSearchParams(location.search).get("as") || sessionStorage.getItem(SEAT_KEY);

/** @param {string} seat */
export const keepSeat = (seat) => sessionStorage.setItem(SEAT_KEY, seat);

/** Forget a seat that is not there. */
export const forgetSeat = () => sessionStorage.removeItem(SEAT_KEY);
