// The weather: trouble that one makes for the app by hand, to see how it takes it.
import { h } from "./dom.js";
import { counted } from "./names.js";
import { toast } from "./notice.js";
import { openPopover } from "./popover.js";

const POLL_MS = 1_000;

/**
 * What can be on or off. `calls` are odds for every method, `events` those for events, with the
 * names of the control API; a switch is on when all that it sets is so.
 */
const SWITCHES = [
  { label: "Slack is slow", hint: "Each answer takes two seconds", calls: { slow: 1, delay: 2 } },
  { label: "One call in five fails", hint: "A 5xx, and nothing was done", calls: { http_before: 0.2 } },
  {
    label: "One call in ten is cut off",
    hint: "Done, but nobody is told",
    calls: { reset_after: 0.1 },
  },
  { label: "Events come twice", hint: "Acked or not, a second apart", events: { twice: 1, twice_after: 1 } },
  { label: "Events come late", hint: "After five seconds", events: { late: 1, late_by: 5 } },
  { label: "Rate limits hold", hint: "429 with Retry-After, as Slack documents them", limits: true },
];

/** What is done once: requests to the control API, one after the other. */
const ACTS = {
  "Drop the sockets": [["sockets", { do: "drop" }]],
  "Ask it to reconnect": [["sockets", { do: "drop", reason: "refresh_requested" }]],
  "Refuse sockets for 10\u00a0s": [
    ["sockets", { do: "refuse", seconds: 10 }],
    ["sockets", { do: "drop" }],
  ],
  "Cut Slack off for 30 s": [["faults", { do: "outage", seconds: 30 }]],
};

export class Weather {
  /** @type {Record<string, any> | null} */
  #state = null;
  /** @type {HTMLElement | null} */
  #panel = null;
  #timer = 0;
  #changes = Promise.resolve();

  /** @param {import("./api.js").Api} api @param {Element} place where the button goes */
  constructor(api, place) {
    this.api = api;
    this.active = h("span", { class: "weather-active" });
    this.button = h(
      "button",
      { type: "button", class: "weather-button", "aria-haspopup": "dialog", onclick: () => this.#open() },
      h("span", {}, "Weather"),
      this.active,
    );
    place.append(this.button);
    this.#refresh();
  }

  #open() {
    this.boxes = SWITCHES.map((each) => {
      const onchange = ({ target }) => this.#turn(each, target.checked);
      return h("input", { type: "checkbox", role: "switch", disabled: true, onchange });
    });
    const acts = Object.entries(ACTS).map(([label, asked]) => this.#act(label, asked));
    this.status = h("p", { class: "muted weather-status" });
    const content = h(
      "div",
      { class: "weather" },
      h("h2", {}, "Weather for the app"),
      ...SWITCHES.map(({ label, hint }, place) => row(this.boxes[place], label, hint)),
      h("div", { class: "weather-acts" }, ...acts),
      this.status,
      this.#act("Clear sky", [["faults", { do: "clear" }]]),
    );
    this.#panel = openPopover(content, this.button, { label: "Weather", class: "weather-popover" }).element;
    this.#show();
    this.#refresh();
  }

  #act(label, asked) {
    return h("button", { type: "button", class: "button", onclick: () => this.#change(() => asked) }, label);
  }

  #turn({ calls: onCalls, events: onEvents, limits }, on) {
    if (limits) {
      this.#change(() => [["faults", { do: "limits", on }]]);
      return;
    }
    this.#change(() => {
      const { seed, calls, events } = this.#state.faults.weather;
      const made = {
        seed,
        calls: { ...calls, "*": mixed(calls["*"], onCalls, on) },
        events: mixed(events, onEvents, on),
      };
      return [["faults", { do: "weather", ...made }]];
    });
  }

  /**
   * Make one change after the other, each on top of what the one before has made.
   * @param {() => [string, object][]} asked what to send, and to which part of the control API
   */
  #change(asked) {
    this.#changes = this.#changes.then(async () => {
      try {
        for (const [what, details] of asked()) await this.api.control(what, details);
      } catch (error) {
        toast(error.message);
      }
      await this.#refresh();
    });
  }

  async #refresh() {
    try {
      this.#state = await this.api.weather();
    } catch {
      // the page tells by itself that the workspace is gone
    }
    this.#show();
    clearTimeout(this.#timer);
    if (this.#panel?.isConnected || (this.#state && passing(this.#state).length)) {
      this.#timer = setTimeout(() => this.#refresh(), POLL_MS);
    }
  }

  #show() {
    if (!this.#state) return;
    const isOn = SWITCHES.map((each) => holds(each, this.#state));
    const lasting = SWITCHES.filter((_, place) => isOn[place]).map(({ label }) => label);
    const active = [...lasting, ...passing(this.#state)];
    this.active.textContent = active.join(" · ");
    this.button.setAttribute("aria-label", `Weather: ${active.join(", ") || "a clear sky"}`);
    if (!this.#panel?.isConnected) return;
    for (const [place, box] of this.boxes.entries()) {
      box.checked = isOn[place];
      box.disabled = false;
    }
    this.status.textContent = told(this.#state);
  }
}

function row(box, label, hint) {
  return h(
    "label",
    { class: "weather-switch" },
    box,
    h("span", {}, h("span", {}, label), h("span", { class: "muted" }, hint)),
  );
}

/** Whether a switch is on. */
function holds({ calls, events, limits }, state) {
  if (limits) return state.limits.on;
  const { weather } = state.faults;
  const [wanted, odds] = calls ? [calls, weather.calls["*"] ?? {}] : [events, weather.events];
  return Object.entries(wanted).every(([name, value]) => odds[name] === value);
}

/** The odds with those of a switch, or without them. */
function mixed(odds = {}, change = {}, on = false) {
  if (on) return { ...odds, ...change };
  return Object.fromEntries(Object.entries(odds).filter(([name]) => !(name in change)));
}

/** What is in force for a time. */
function passing({ faults: { outage, refusing, scripted } }) {
  return [
    outage && `Slack is out of reach for ${Math.ceil(outage)} s`,
    refusing.seconds && `Sockets are refused for ${Math.ceil(refusing.seconds)} s`,
    refusing.times && `${refusing.times} more sockets are refused`,
    Object.keys(scripted).length && `Next to fail: ${Object.keys(scripted).join(", ")}`,
  ].filter(Boolean);
}

/** How the app does in it. */
function told({ connections, calls, deliveries, limits }) {
  return [
    counted(connections, "socket", "sockets"),
    counted(calls, "call", "calls"),
    `${counted(deliveries.not_acked, "event", "events")} not acked`,
    `${counted(limits.violations.length, "call", "calls")} too soon after a 429`,
  ].join(" · ");
}
