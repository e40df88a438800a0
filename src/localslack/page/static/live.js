// The WebSocket that everything new comes through; comes back by itself when it is lost.

const FIRST_PAUSE = 300;
const LONGEST_PAUSE = 5_000;

/**
 * Tells by events: `up` after each greeting (fetch state now), `down` when the socket is lost,
 * `frame` for all else that arrives, in order.
 */
export class Live extends EventTarget {
  isUp = false;
  #pause = FIRST_PAUSE;
  #timer = 0;

  /** @param {() => string} address */
  constructor(address) {
    super();
    this.address = address;
    window.addEventListener("online", () => this.#hurry());
    document.addEventListener("visibilitychange", () => this.#hurry());
  }

  connect() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    const socket = new WebSocket(this.address());
    socket.addEventListener("message", ({ data }) => this.#receive(JSON.parse(data)));
    socket.addEventListener("close", () => this.#lost());
  }

  #receive(frame) {
    if (frame.type === "hello") {
      this.#pause = FIRST_PAUSE;
      this.isUp = true;
      this.dispatchEvent(new Event("up"));
    } else {
      this.dispatchEvent(new CustomEvent("frame", { detail: frame }));
    }
  }

  #lost() {
    this.isUp = false;
    this.dispatchEvent(new Event("down"));
    // spread, so that many windows do not come back in one moment
    this.#timer = setTimeout(() => this.connect(), this.#pause * (0.75 + Math.random() / 2));
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
  }

  /** Whoever looks again should not wait for a long pause to end. */
  #hurry() {
    if (this.#timer && !document.hidden) this.connect();
  }
}
