import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';

/** One cell of a stolen database, as bytes where it was bytes and as text else. */
export interface Cell {
  table: string;
  column: string;
  row: number;
  value: Buffer;
}

/** Every cell of every table of these schemas, read as the superuser: what a copy of the database holds. */
export async function dumpSchemas(superuser: pg.Pool, schemas: readonly string[]): Promise<Cell[]> {
  const { rows: tables } = await superuser.query<{ table: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS table FROM pg_tables WHERE schemaname = ANY($1) ORDER BY 1`,
    [schemas],
  );
  const cells: Cell[] = [];
  for (const { table } of tables) {
    const { rows } = await superuser.query<Record<string, unknown>>(`SELECT * FROM ${table}`);
    for (const [row, columns] of rows.entries()) {
      for (const [column, value] of Object.entries(columns)) {
        if (value === null) continue;
        const text = typeof value === 'string' ? value : JSON.stringify(value);
        cells.push({ table, column, row, value: Buffer.isBuffer(value) ? value : Buffer.from(text) });
      }
    }
  }
  return cells;
}

/** All cells in one piece, and base64 and hex in them taken apart, so that no wrapping hides anything. */
export function haystackOf(cells: readonly Cell[]): Buffer {
  const parts: Buffer[] = [];
  for (const { value } of cells) {
    parts.push(value, Buffer.from('\n'));
    const text = value.toString('latin1');
    for (const [run] of text.matchAll(/[A-Za-z0-9+/_-]{16,}={0,2}/g)) parts.push(Buffer.from(run, 'base64'));
    for (const [run] of text.matchAll(/(?:[0-9a-f]{2}){8,}/gi)) parts.push(Buffer.from(run, 'hex'));
  }
  return Buffer.concat(parts);
}

/** All files below a folder: path (relative) → content. */
export function readTree(folder: string, at = ''): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (const name of readdirSync(join(folder, at))) {
    const path = join(at, name);
    if (statSync(join(folder, path)).isDirectory()) {
      for (const [inner, bytes] of readTree(folder, path)) files.set(inner, bytes);
    } else files.set(path, readFileSync(join(folder, path)));
  }
  return files;
}

export const sha256 = (bytes: Buffer | string): Buffer => createHash('sha256').update(bytes).digest();
