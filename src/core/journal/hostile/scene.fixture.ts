import pg from 'pg';
import { afterEach, beforeEach } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../../test/database.ts';
import { type Appended, Journal, type JournalOptions, journalMigrations, type NewLine } from '../index.ts';
import { Stage } from '../staging.fixture.ts';

/** A database, a witness and the journals opened on them, made anew for each test of a file and taken away after it. */
export class Scene {
  database!: FreshDatabase;
  stage!: Stage;
  #journals: Journal[] = [];

  constructor() {
    beforeEach(async () => {
      this.database = await freshDatabase([journalMigrations]);
      this.stage = await new Stage(this.database.pool('gate', 8)).start();
    });
    afterEach(async () => {
      for (const journal of this.#journals) await journal.close();
      this.#journals = [];
      await this.stage.end();
      await this.database.drop();
    });
  }

  keep(journal: Journal): Journal {
    this.#journals.push(journal);
    return journal;
  }

  async open(change: Partial<JournalOptions> = {}): Promise<Journal> {
    return this.keep(await Journal.open(this.stage.options(change)));
  }

  /** Closes a journal without the scene doing so again. */
  async close(journal: Journal): Promise<void> {
    this.#journals = this.#journals.filter((kept) => kept !== journal);
    await journal.close();
  }

  /** Runs SQL as the administrator of PostgreSQL. */
  async administrator(sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
    return (await this.database.pool('superuser', 1).query(sql, values)).rows;
  }

  /** The same in the cluster's own database, for what concerns ours as a whole. */
  async postgres(sql: string): Promise<void> {
    const client = new pg.Client({ ...this.database.connection('superuser'), database: 'postgres' });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  }

  line(): NewLine {
    return { kind: 'field.opened', person: this.stage.person(), body: { actor: 'staff-1' } };
  }

  async append(journal: Journal, count: number): Promise<Appended[]> {
    const all = await Promise.all(
      Array.from({ length: count }, () => journal.append({ lines: [this.line()] })),
    );
    return all.flat();
  }
}
