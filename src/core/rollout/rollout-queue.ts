import TinyQueue from "tinyqueue";
import type { OrderedStep } from "./rollout-order.ts";

/** No order keeps every worker busy to the end, so what is left takes a little longer than it would then. */
const reserve = 1.1;

export interface QueueLimits {
  /** How many steps run side by side; without it nothing is urgent. */
  readonly jobs?: number | undefined;
  /** How many of them in one namespace, at least 1. @default no limit */
  readonly jobsPerNamespace?: number | undefined;
}

/**
 * The steps that may run, in their order.
 *
 * A step is urgent, and goes before those of earlier stages, if the way that it begins is about as long as all that has
 * not begun yet takes with every worker busy: to put it off any longer is to end later. Until then priorities cost next
 * to nothing. Before what the operator named by `--priority` it does not go, and one worker needs as long in any order.
 *
 * With a limit per namespace, a step whose namespaces are full steps aside, and comes up again in its place when
 * there is room: each step that leaves calls back one that waits, so that nothing is looked at over and over.
 *
 * What may not run any more stays until it comes up: taking it out of a heap would cost a search.
 */
export class RolloutQueue<Item extends { readonly order: OrderedStep }> {
  readonly #mayRun: (item: Item) => boolean;
  readonly #jobs: number;
  readonly #limit: number;
  readonly #byPlace = new TinyQueue<Item>([], comparePlaces);
  readonly #byWay = new TinyQueue<Item>(
    [],
    (one, other) => other.order.way - one.order.way || comparePlaces(one, other),
  );
  /** Each item once, whether it stands in the row or aside. */
  readonly #standing = new Map<Item, "in row" | "aside">();
  readonly #rooms = new Map<string, Room<Item>>();
  /** The namespace for whose free room an item was called back. */
  readonly #calledFor = new Map<Item, string>();
  /** Milliseconds of work that has not begun. */
  #leftMs = 0;

  /** @param mayRun false for what has ended while it stood here */
  constructor(mayRun: (item: Item) => boolean, { jobs, jobsPerNamespace }: QueueLimits) {
    this.#mayRun = mayRun;
    this.#jobs = jobs ?? 0;
    this.#limit = jobsPerNamespace ?? Number.POSITIVE_INFINITY;
    if (!(this.#limit >= 1)) throw new RangeError(`no step could run with ${this.#limit} jobs per namespace`);
  }

  /** The item will run, now or later. */
  expect(item: Item): void {
    this.#leftMs += item.order.ms;
  }

  /** It will not. */
  forgo(item: Item): void {
    this.#leftMs -= item.order.ms;
  }

  push(item: Item): void {
    if (!this.#standing.has(item)) this.#lineUp(item);
  }

  /** Takes the first one whose namespaces all have room; it takes up that room until it leaves. */
  take(): Item | undefined {
    for (let item = this.#first(); item; item = this.#first()) {
      const namespace = this.#calledFor.get(item);
      this.#calledFor.delete(item);
      const full = this.#mayRun(item) ? this.#firstFull(item) : undefined;
      if (full) {
        full.waiting.push(item);
        this.#standing.set(item, "aside");
      } else {
        this.#standing.delete(item);
        if (this.#mayRun(item)) {
          this.forgo(item);
          this.enter(item);
          return item;
        }
      }
      // It does not take the room that it was called for: another one may.
      if (namespace !== undefined) this.#callNext(namespace);
    }
    return undefined;
  }

  /** Takes up room, also where there is none: the item runs. */
  enter({ order }: Item): void {
    if (this.#isUnlimited) return;
    for (const namespace of order.namespaces) this.#room(namespace).taken += 1;
  }

  /** Gives back the room: the item runs no more. */
  leave({ order }: Item): void {
    if (this.#isUnlimited) return;
    for (const namespace of order.namespaces) {
      this.#room(namespace).taken -= 1;
      this.#callNext(namespace);
    }
  }

  get #isUnlimited(): boolean {
    return this.#limit === Number.POSITIVE_INFINITY;
  }

  #lineUp(item: Item): void {
    this.#standing.set(item, "in row");
    this.#byPlace.push(item);
    // With one worker, or without their number, it is never asked for, and would only grow.
    if (this.#jobs > 1 && item.order.way > 0) this.#byWay.push(item);
  }

  /** An item that left one heap is still in the other, and passed over there. */
  #first(): Item | undefined {
    const first = this.#peek(this.#byPlace);
    const longest = first?.order.wanted ? undefined : this.#peek(this.#byWay);
    const isUrgent = longest !== undefined && longest.order.way * reserve * this.#jobs >= this.#leftMs;
    const heap = isUrgent ? this.#byWay : this.#byPlace;
    return first && heap.pop();
  }

  #peek(heap: TinyQueue<Item>): Item | undefined {
    for (let item = heap.peek(); item; item = heap.peek()) {
      if (this.#standing.get(item) === "in row") return item;
      heap.pop();
    }
    return undefined;
  }

  #firstFull({ order }: Item): Room<Item> | undefined {
    if (this.#isUnlimited) return undefined;
    return order.namespaces.map((name) => this.#room(name)).find(({ taken }) => taken >= this.#limit);
  }

  #callNext(namespace: string): void {
    const { waiting, taken } = this.#room(namespace);
    const next = taken < this.#limit ? waiting.pop() : undefined;
    if (!next) return;
    this.#calledFor.set(next, namespace);
    this.#lineUp(next);
  }

  #room(namespace: string): Room<Item> {
    const there = this.#rooms.get(namespace);
    if (there) return there;
    const room: Room<Item> = { taken: 0, waiting: new TinyQueue<Item>([], comparePlaces) };
    this.#rooms.set(namespace, room);
    return room;
  }
}

interface Room<Item> {
  taken: number;
  readonly waiting: TinyQueue<Item>;
}

function comparePlaces(one: { readonly order: OrderedStep }, other: { readonly order: OrderedStep }): number {
  return one.order.place - other.order.place;
}
