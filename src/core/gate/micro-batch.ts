/**
 * Joins requests that arrive while a batch is under way into one query: at 256 callers one SELECT … = ANY($1)
 * carries dozens of them, alone it carries one and waits for nobody.
 */
export class MicroBatch<Key, Value> {
  readonly #run: (keys: Key[]) => Promise<Map<Key, Value>>;
  readonly #lanes: number;
  readonly #most: number;
  #waiting: { key: Key; resolve: (value: Value | undefined) => void; reject: (error: unknown) => void }[] =
    [];
  #underWay = 0;

  /**
   * @param run one query for all keys (each once); a key missing in its answer is answered undefined
   * @param options.lanes batches at once (default 2); `most` keys in one batch (default 256)
   */
  constructor(
    run: (keys: Key[]) => Promise<Map<Key, Value>>,
    options: { lanes?: number; most?: number } = {},
  ) {
    this.#run = run;
    this.#lanes = options.lanes ?? 2;
    this.#most = options.most ?? 256;
  }

  /** Rejects with what the query rejected with. */
  get(key: Key): Promise<Value | undefined> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ key, resolve, reject });
      // Not at once: callers of the same turn of the event loop share the first batch.
      if (this.#waiting.length === 1) setImmediate(() => this.#start());
    });
  }

  #start(): void {
    while (this.#underWay < this.#lanes && this.#waiting.length > 0) {
      const taken = this.#waiting.splice(0, this.#most);
      this.#underWay++;
      this.#run([...new Set(taken.map(({ key }) => key))])
        .then(
          (found) => {
            for (const { key, resolve } of taken) resolve(found.get(key));
          },
          (error: unknown) => {
            for (const { reject } of taken) reject(error);
          },
        )
        .finally(() => {
          this.#underWay--;
          this.#start();
        });
    }
  }
}
