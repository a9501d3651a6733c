import type pg from 'pg';

/**
 * How a statement fails: refused by the server (the transaction is then aborted), the connection lost before it was
 * sent, or lost after it was carried out and before its answer came.
 */
export const failures = ['refused', 'lost-before', 'lost-after'] as const;
export type Failure = (typeof failures)[number];

const writing = /^\s*(INSERT|UPDATE|DELETE|COPY|WITH|COMMIT)\b/i;
/** The journal's head and a session's last use are written behind the requests, at moments of their own. */
const behind = /journal\.head|SET used_at_ms/;

const textOf = (query: unknown): string => {
  if (typeof query === 'string') return query;
  const { text, cursor } = (query ?? {}) as { text?: unknown; cursor?: { text?: unknown } };
  return typeof text === 'string' ? text : typeof cursor?.text === 'string' ? cursor.text : '';
};

type Query = (...values: unknown[]) => unknown;
interface Wire {
  connection: { stream: { destroy(): void } };
}

/** Lets the n-th write of all the pools it is put around fail, once. */
export class FailingWrites {
  #left = Number.POSITIVE_INFINITY;
  #how: Failure = 'refused';
  /** The statement that failed. */
  failed: string | undefined;
  /** Writes seen since `arm`. */
  seen = 0;

  /** @param at 1 is the next write */
  arm(at: number, how: Failure): void {
    this.#left = at;
    this.#how = how;
    this.failed = undefined;
    this.seen = 0;
  }

  disarm(): void {
    this.#left = Number.POSITIVE_INFINITY;
  }

  readonly around = (pool: pg.Pool): void => {
    pool.on('connect', (client) => this.#wrap(client));
  };

  #wrap(client: pg.PoolClient): void {
    const original = client.query.bind(client) as unknown as Query;
    const wrapped: Query = (...values) => {
      const text = textOf(values[0]);
      if (!writing.test(text) || behind.test(text)) return original(...values);
      this.seen++;
      if (--this.#left !== 0) return original(...values);
      this.failed = text.trim().split('\n')[0]!.slice(0, 80);
      return this.#fail(client, original, values, text);
    };
    (client as { query: unknown }).query = wrapped;
  }

  #fail(client: pg.PoolClient, original: Query, values: unknown[], text: string): unknown {
    const cut = () => (client as unknown as Wire).connection.stream.destroy();
    const isStream = typeof (values[0] as { submit?: unknown }).submit === 'function';
    if (this.#how === 'lost-before' || (this.#how === 'lost-after' && isStream)) {
      const going = original(...values);
      cut();
      return going;
    }
    if (this.#how === 'refused') {
      if (isStream) {
        // A COPY into a table that is not there: the stream gets the server's own refusal.
        const query = values[0] as { text: string };
        query.text = query.text.replace(/COPY \S+/, 'COPY no_such_table');
        return original(query);
      }
      // A COMMIT is refused by rolling back, as after a constraint that was put off.
      const refusal = /^\s*COMMIT/i.test(text) ? 'ROLLBACK; SELECT 1/0' : 'SELECT 1/0';
      const callback = values.find((value) => typeof value === 'function');
      return callback === undefined ? original(refusal) : original(refusal, callback);
    }
    const callback = values.findLast((value) => typeof value === 'function') as
      | ((error: Error | null) => void)
      | undefined;
    const lost = new Error('Connection terminated unexpectedly');
    if (callback !== undefined) {
      const rest = values.filter((value) => value !== callback);
      return original(...rest, () => {
        cut();
        callback(lost);
      });
    }
    return (original(...values) as Promise<unknown>).then(() => {
      cut();
      throw lost;
    });
  }
}
