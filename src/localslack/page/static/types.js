// The shapes that the server sends, as JSDoc types; no code.

/**
 * @typedef {object} User
 * @property {string} id
 * @property {string} name the handle that `@` takes
 * @property {string} real_name
 * @property {string} title
 * @property {boolean} is_bot
 * @property {boolean} is_guest
 * @property {string | null} app_id
 */

/**
 * @typedef {object} Channel
 * @property {string} id
 * @property {string} name empty for a direct conversation
 * @property {"channel" | "group" | "im"} kind
 * @property {string | null} with the other user of a direct conversation
 * @property {string} topic
 * @property {boolean} archived
 * @property {number} unread
 * @property {number} mentions
 * @property {string} last_read a ts
 * @property {string | null} latest a ts
 * @property {number} members
 */

/**
 * @typedef {object} Status
 * @property {string} channel
 * @property {string} thread_ts
 * @property {string} user
 * @property {string} text empty: nothing is going on any more
 * @property {string[]} loading_messages
 * @property {number} expires_at seconds since the epoch
 */

/**
 * @typedef {object} Ephemeral
 * @property {string} channel
 * @property {string} ts
 * @property {string} user
 * @property {string} text
 * @property {object[]} blocks
 * @property {string | null} thread_ts
 */

/** @typedef {{name: string, emoji: string | null, users: string[]}} Reaction */

/**
 * @typedef {object} Message
 * @property {string} channel
 * @property {string} ts
 * @property {string} user
 * @property {string} text mrkdwn
 * @property {object[]} blocks
 * @property {object[]} attachments
 * @property {{id: string, name: string}[]} files
 * @property {string | null} thread_ts
 * @property {string | null} subtype
 * @property {boolean} edited
 * @property {string | null} bot_id
 * @property {boolean} broadcast
 * @property {Reaction[]} reactions
 * @property {number} reply_count
 * @property {string[]} reply_users
 * @property {string | null} latest_reply
 * @property {boolean} streaming
 * @property {object[]} tasks
 * @property {string | null} plan_title
 * @property {"timeline" | "plan"} task_display
 */

/**
 * @typedef {object} State
 * @property {{id: string, name: string}} team
 * @property {string | null} prompt a message that a newcomer may begin with
 * @property {User} me
 * @property {User[]} seats
 * @property {User[]} users
 * @property {Channel[]} channels
 * @property {Status[]} statuses
 */

/** @typedef {{messages: Message[], has_more?: boolean, has_newer?: boolean}} Page */

export {};
