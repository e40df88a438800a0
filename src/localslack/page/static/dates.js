// A ts as people read it: the time, the day, how long ago. Pure; `now` is in milliseconds.

const TIME = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long" });
const DAY_OF_YEAR = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "long",
  year: "numeric",
});
const FULL = new Intl.DateTimeFormat("en-GB", {
  weekday: "long",
  day: "numeric",
  month: "long",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});

/** @param {string} ts @returns {number} seconds since the epoch */
export const seconds = (ts) => Number(ts);

/** Compare two ts values as the numbers that they are. @param {string} a @param {string} b */
export const compareTs = (a, b) => Number(a) - Number(b);

/** @param {string} ts */
export const date = (ts) => new Date(seconds(ts) * 1000);

/** "14:02" @param {string} ts */
export const time = (ts) => TIME.format(date(ts));

/** "Saturday, 21 November 2026 at 14:02:33" @param {string} ts */
export const full = (ts) => FULL.format(date(ts));

/** A key that is the same for all times of one day. @param {string} ts */
export const dayKey = (ts) => date(ts).toDateString();

/** "Today", "Yesterday", "Tuesday, 14 November", "14 November 2025". @param {string} ts */
export function day(ts, now = Date.now()) {
  const then = date(ts);
  const today = new Date(now);
  const yesterday = new Date(now);
  yesterday.setDate(today.getDate() - 1);
  if (then.toDateString() === today.toDateString()) return "Today";
  if (then.toDateString() === yesterday.toDateString()) return "Yesterday";
  // formatted in parts, since engines disagree on the comma after the weekday
  if (then.getFullYear() !== today.getFullYear()) return DAY_OF_YEAR.format(then);
  const part = Object.fromEntries(DAY.formatToParts(then).map(({ type, value }) => [type, value]));
  return `${part.weekday}, ${part.day} ${part.month}`;
}

/** "today at 14:02", "yesterday at 09:30", "Tuesday, 14 November at 09:30" @param {string} ts */
export function dayAndTime(ts, now = Date.now()) {
  const shown = day(ts, now);
  const start = shown === "Today" || shown === "Yesterday" ? shown.toLowerCase() : shown;
  return `${start} at ${time(ts)}`;
}
