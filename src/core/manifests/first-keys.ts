/** The first keys of a map. Most maps have the keys of an earlier one, and share the list of them with it. */
export class FirstKeys {
  readonly #key: string;
  readonly #before: FirstKeys | undefined;
  /** With one key more, as some maps go on. */
  readonly #longer: FirstKeys[] = [];
  #made = 0;
  #all: readonly string[] | undefined;

  constructor(key = "", before?: FirstKeys) {
    this.#key = key;
    this.#before = before;
  }

  /** These and one more, which stands in the text from one offset to the other. */
  and(text: string, from: number, end: number): FirstKeys {
    const key = text.slice(from, end);
    for (const one of this.#longer) if (one.#key === key) return one;
    const made = new FirstKeys(key, this);
    this.#longer[this.#made % mostKept] = made;
    this.#made++;
    return made;
  }

  /** The same list for all maps that have these keys. */
  get all(): readonly string[] {
    if (this.#all) return this.#all;
    const keys: string[] = [];
    for (let at: FirstKeys = this; at.#before; at = at.#before) keys.push(at.#key);
    this.#all = keys.reverse();
    return this.#all;
  }
}

/** The latest ones: looking through more would take longer than what it saves. */
const mostKept = 24;
