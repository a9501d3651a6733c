import pg from 'pg';
import { SekishoError } from '../errors.ts';

/** With LC_CTYPE=C show_trgm of Japanese text is empty and every similarity 0, without any error. */
export async function assertJapanese(connection: pg.ClientConfig): Promise<void> {
  const client = new pg.Client(connection);
  client.on('error', () => {}); // the query under way is rejected all the same
  try {
    await client.connect();
    await client.query('BEGIN; CREATE EXTENSION IF NOT EXISTS pg_trgm');
    const { rows } = await client.query(`SELECT cardinality(show_trgm('山田太郎')) > 0 AS works`);
    await client.query('ROLLBACK');
    if (rows[0].works !== true) throw new SekishoError('database-unavailable', { reason: 'locale' });
  } catch (error) {
    if (error instanceof SekishoError) throw error;
    throw new SekishoError('database-unavailable', { reason: 'connect' }, { cause: error });
  } finally {
    await client.end().catch(() => {});
  }
}
