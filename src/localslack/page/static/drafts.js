// What was typed and not sent, by conversation, for as long as the window lives.

const key = (seat, channel, thread) => `draft:${seat}:${channel}:${thread ?? ""}`;

/** @param {string} seat @param {string} channel @param {string | null} thread */
export const draft = (seat, channel, thread) => sessionStorage.getItem(key(seat, channel, thread)) ?? "";

/**
 * @param {string} seat
 * @param {string} channel
 * @param {string | null} thread
 * @param {string} text
 */
export function keepDraft(seat, channel, thread, text) {
  if (text) sessionStorage.setItem(key(seat, channel, thread), text);
  else sessionStorage.removeItem(key(seat, channel, thread));
}
