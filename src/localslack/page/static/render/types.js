// The types that the renderers share, for editors and type checkers; no code.

/**
 * @typedef {{id: string, name: string, real_name?: string, is_bot?: boolean}} User
 * @typedef {{id: string, name: string, kind?: string}} Channel
 *
 * What a renderer may know and do. One object serves all parts of one message.
 * @typedef {object} Context
 * @property {Map<string, User>} users
 * @property {Map<string, Channel>} channels those that the person is a member of
 * @property {User} me
 * @property {(element: HTMLElement, interaction: Interaction) => unknown} press
 *   tells the app what was done with a control; `element` shows as busy until a promise settles
 * @property {(id: string) => void} openUser
 * @property {(id: string) => void} openChannel
 * @property {Map<string, any>} [choices] what the person chose in this message; a renderer reads and
 *   writes it, so that choices outlive the next rendering of the same message
 *
 * @typedef {{blockId: string, actionId: string, action: Json}} Interaction
 *
 * A piece of Block Kit as it came over the wire: any field may be missing or wrong.
 * @typedef {Record<string, any>} Json
 */

export {};
