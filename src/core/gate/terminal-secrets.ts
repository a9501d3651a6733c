import { hash } from 'node:crypto';
import type pg from 'pg';
import type { MunicipalityCode } from '../../ground/ids.ts';
import type { Randomness } from '../../ground/randomness.ts';
import type { MacValue, RowMacs } from './row-mac.ts';
import type { Terminal, Terminals } from './terminals.ts';

interface Bound {
  readonly municipality: MunicipalityCode;
  readonly terminalId: string;
  readonly hash: Buffer;
  readonly boundAt: number;
}

const macValues = ({ municipality, terminalId, hash: digest, boundAt }: Bound): MacValue[] => [
  ...[municipality, terminalId, digest, boundAt],
];

/** Which browser is which terminal: each holds a secret, of which the gate keeps the hash. In memory, for every sign-in asks. */
export class TerminalSecrets {
  readonly #pool: pg.Pool;
  readonly #macs: RowMacs;
  readonly #randomness: Randomness;
  readonly #terminals: Terminals;
  readonly #byHash = new Map<string, Bound>();

  constructor(o: { pool: pg.Pool; macs: RowMacs; randomness: Randomness; terminals: Terminals }) {
    this.#pool = o.pool;
    this.#macs = o.macs;
    this.#randomness = o.randomness;
    this.#terminals = o.terminals;
  }

  async load(): Promise<void> {
    const { rows } = await this.#pool.query<{
      municipality_code: MunicipalityCode;
      terminal_id: string;
      secret_hash: Buffer;
      bound_at_ms: string;
      row_mac: Buffer;
    }>('SELECT * FROM gate.terminal_secret');
    const stored = rows.map((row) => ({
      municipality: row.municipality_code,
      terminalId: row.terminal_id,
      hash: row.secret_hash,
      boundAt: Number(row.bound_at_ms),
      row_mac: row.row_mac,
    }));
    for (const { row_mac: _mac, ...bound } of await this.#macs.own('gate.terminal_secret', stored, macValues))
      this.#byHash.set(bound.hash.toString('hex'), bound);
  }

  /** The terminal whose browser holds this secret, suspended or not. */
  find(secret: string): Terminal | undefined {
    const bound = this.#byHash.get(hash('sha256', secret, 'hex'));
    return bound && this.#terminals.find(bound.municipality, bound.terminalId);
  }

  /** A fresh secret, 256 bits. `store` puts it into the transaction of its line, `add` makes it the terminal's one. */
  draw({ municipality, terminalId }: Terminal, now: number): { secret: string; bound: Bound } {
    const secret = this.#randomness.bytes(32).toString('base64url');
    return {
      secret,
      bound: { municipality, terminalId, hash: hash('sha256', secret, 'buffer'), boundAt: now },
    };
  }

  async store(tx: pg.PoolClient, bound: Bound): Promise<void> {
    await tx.query(
      `INSERT INTO gate.terminal_secret (municipality_code, terminal_id, secret_hash, bound_at_ms, row_mac)
       VALUES ($1, $2, $3, $4, $5) ON CONFLICT (municipality_code, terminal_id)
       DO UPDATE SET secret_hash = EXCLUDED.secret_hash, bound_at_ms = EXCLUDED.bound_at_ms, row_mac = EXCLUDED.row_mac`,
      [
        ...[bound.municipality, bound.terminalId, bound.hash, bound.boundAt],
        await this.#macs.of('gate.terminal_secret', macValues(bound)),
      ],
    );
  }

  add(bound: Bound): void {
    for (const [key, old] of this.#byHash)
      if (old.municipality === bound.municipality && old.terminalId === bound.terminalId)
        this.#byHash.delete(key);
    this.#byHash.set(bound.hash.toString('hex'), bound);
  }
}
