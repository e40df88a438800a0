// Slack's date tokens, such as `{date_short} at {time}`, in the time zone of the browser.
// Tokens and their forms: Slack's reference of the date element of rich text.

const DAY = 86_400_000;
const LOCALE = "en-US";
const MONTH = new Intl.DateTimeFormat(LOCALE, { month: "long" });
const SHORT_MONTH = new Intl.DateTimeFormat(LOCALE, { month: "short" });
const WEEKDAY = new Intl.DateTimeFormat(LOCALE, { weekday: "long" });
const TIME = new Intl.DateTimeFormat(LOCALE, { hour: "numeric", minute: "2-digit" });
const TIME_SECS = new Intl.DateTimeFormat(LOCALE, { timeStyle: "medium" });
const AGO = new Intl.RelativeTimeFormat(LOCALE);

/** @type {Record<string, (date: Date, now: Date) => string>} */
const TOKENS = {
  date_num: (date) =>
    [date.getFullYear(), twoDigits(date.getMonth() + 1), twoDigits(date.getDate())].join("-"),
  date_slash: (date) =>
    [twoDigits(date.getDate()), twoDigits(date.getMonth() + 1), date.getFullYear()].join("/"),
  date: (date) => `${MONTH.format(date)} ${ordinal(date.getDate())}, ${date.getFullYear()}`,
  date_short: (date) => `${SHORT_MONTH.format(date)} ${date.getDate()}, ${date.getFullYear()}`,
  date_long: (date) => `${WEEKDAY.format(date)}, ${TOKENS.date(date, date)}`,
  date_long_full: (date) => `${MONTH.format(date)} ${date.getDate()}, ${date.getFullYear()}`,
  date_pretty: (date, now) => nearby(date, now) ?? TOKENS.date(date, now),
  date_short_pretty: (date, now) => nearby(date, now) ?? TOKENS.date_short(date, now),
  date_long_pretty: (date, now) => nearby(date, now) ?? TOKENS.date_long(date, now),
  day_divider_pretty: (date, now) => nearby(date, now) ?? dayOfYear(date, now),
  time: (date) => TIME.format(date),
  time_secs: (date) => TIME_SECS.format(date),
  ago: (date, now) => distance(date, now),
};

/**
 * Fill in the tokens of `format`; a token that is not known stays as it is.
 * @param {number} seconds since the epoch
 * @param {string} format
 * @param {Date} [now]
 * @returns {string | null} null where `seconds` is no date
 */
export function formatDate(seconds, format, now = new Date()) {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return null;
  return format.replace(/\{([a-z_]+)\}/g, (token, name, at) => {
    if (!Object.hasOwn(TOKENS, name)) return token;
    const text = TOKENS[name](date, now);
    return at === 0 ? text.charAt(0).toUpperCase() + text.slice(1) : text;
  });
}

/** @param {number} number */
function twoDigits(number) {
  return String(number).padStart(2, "0");
}

/** @param {number} day */
function ordinal(day) {
  const teens = day >= 11 && day <= 13;
  return day + ((!teens && { 1: "st", 2: "nd", 3: "rd" }[day % 10]) || "th");
}

/**
 * Yesterday, today or tomorrow, where it is one of them.
 * @param {Date} date
 * @param {Date} now
 */
function nearby(date, now) {
  const days = Math.round((midnight(date) - midnight(now)) / DAY);
  return { "-1": "yesterday", 0: "today", 1: "tomorrow" }[days] ?? null;
}

/** @param {Date} date */
function midnight(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

/**
 * @param {Date} date
 * @param {Date} now
 */
function dayOfYear(date, now) {
  const day = `${WEEKDAY.format(date)}, ${MONTH.format(date)} ${ordinal(date.getDate())}`;
  return date.getFullYear() === now.getFullYear() ? day : `${day}, ${date.getFullYear()}`;
}

/**
 * "3 minutes ago", "in 2 days".
 * @param {Date} date
 * @param {Date} now
 */
function distance(date, now) {
  const seconds = Math.round((date.getTime() - now.getTime()) / 1000);
  /** @type {[Intl.RelativeTimeFormatUnit, number][]} */
  const units = [
    ["year", 31_536_000],
    ["month", 2_592_000],
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
  ];
  const [unit, length] = units.find(([, size]) => Math.abs(seconds) >= size) ?? ["second", 1];
  return AGO.format(Math.trunc(seconds / length), unit);
}
