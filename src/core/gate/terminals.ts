import type pg from 'pg';
import { SekishoError } from '../../ground/errors.ts';
import type { MunicipalityCode } from '../../ground/ids.ts';
import type { RowMacs } from './row-mac.ts';

/** A place where staff sign in: a desk, or the portal's machine. */
export interface Terminal {
  readonly municipality: MunicipalityCode;
  readonly terminalId: string;
  readonly office: string;
  state: 'active' | 'suspended';
}

/** The enrolled terminals, in memory: a suspension counts at once. */
export class Terminals {
  readonly #pool: pg.Pool;
  readonly #macs: RowMacs;
  readonly #terminals = new Map<string, Terminal>();

  constructor(pool: pg.Pool, macs: RowMacs) {
    this.#pool = pool;
    this.#macs = macs;
  }

  async load(): Promise<void> {
    const { rows } = await this.#pool.query<{
      municipality_code: MunicipalityCode;
      terminal_id: string;
      office: string;
      state: 'active' | 'suspended';
      row_mac: Buffer;
    }>('SELECT municipality_code, terminal_id, office, state, row_mac FROM gate.terminal');
    const own = await this.#macs.own('gate.terminal', rows, (row) => [
      row.municipality_code,
      row.terminal_id,
      row.office,
      row.state,
    ]);
    for (const row of own) {
      this.add({
        municipality: row.municipality_code,
        terminalId: row.terminal_id,
        office: row.office,
        state: row.state,
      });
    }
  }

  find(municipality: MunicipalityCode, terminalId: string): Terminal | undefined {
    return this.#terminals.get(`${municipality}/${terminalId}`);
  }

  /** Those of a municipality, by name. */
  of(municipality: MunicipalityCode): Terminal[] {
    return [...this.#terminals.values()]
      .filter((terminal) => terminal.municipality === municipality)
      .sort((a, b) => (a.terminalId < b.terminalId ? -1 : 1));
  }

  add(terminal: Terminal): void {
    this.#terminals.set(`${terminal.municipality}/${terminal.terminalId}`, terminal);
  }

  /** @throws already-exists */
  async insert(tx: pg.PoolClient, terminal: Terminal, at: number): Promise<void> {
    const { rowCount } = await tx.query(
      `INSERT INTO gate.terminal (municipality_code, terminal_id, office, state, enrolled_at_ms, row_mac)
       VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
      [
        terminal.municipality,
        terminal.terminalId,
        terminal.office,
        terminal.state,
        at,
        await this.#mac(terminal, terminal.state),
      ],
    );
    if (rowCount !== 1) throw new SekishoError('already-exists', { what: 'terminal' });
  }

  async storeState(tx: pg.PoolClient, terminal: Terminal, state: Terminal['state']): Promise<void> {
    await tx.query(
      `UPDATE gate.terminal SET state = $3, row_mac = $4 WHERE municipality_code = $1 AND terminal_id = $2`,
      [terminal.municipality, terminal.terminalId, state, await this.#mac(terminal, state)],
    );
  }

  #mac({ municipality, terminalId, office }: Terminal, state: Terminal['state']): Promise<Buffer> {
    return this.#macs.of('gate.terminal', [municipality, terminalId, office, state]);
  }
}
