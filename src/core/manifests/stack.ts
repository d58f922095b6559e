/** Lists of values one within the other. An array that grows by itself takes several times the memory of a short list. */
export class Stack<Value> {
  readonly #values: Value[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(value: Value): void {
    this.#values[this.#size] = value;
    this.#size++;
  }

  /** Takes away what was pushed since it had that size. */
  takeFrom(size: number): Value[] {
    const taken = this.#values.slice(size, this.#size);
    this.#size = size;
    return taken;
  }
}
