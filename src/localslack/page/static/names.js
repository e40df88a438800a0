// What people and conversations are called on the page.

/** @typedef {import("./store.js").Store} Store */

/** @param {import("./types.js").User | undefined} user */
export const userName = (user) => user?.real_name || user?.name || "Someone";

/**
 * @param {Store} store
 * @param {import("./types.js").Channel} channel
 */
export function channelName(store, channel) {
  if (channel.kind !== "im") return channel.name;
  const other = store.users.get(channel.with ?? "");
  return other?.id === store.me.id ? `${userName(other)} (you)` : userName(other);
}

/** "#general", "Ana Ruiz" @param {Store} store @param {import("./types.js").Channel} channel */
export function channelTitle(store, channel) {
  return channel.kind === "im" ? channelName(store, channel) : `#${channel.name}`;
}

/** "Ana", "Ana and Ben", "Ana, Ben and Chris" @param {string[]} names */
export function listed(names) {
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]}`;
}

/** "1 reply", "3 replies" @param {number} count @param {string} one @param {string} many */
export const counted = (count, one, many) => `${count} ${count === 1 ? one : many}`;
