import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import type pg from 'pg';
import { SekishoError } from '../errors.ts';
import type { Randomness } from '../randomness.ts';
import { isDatabaseError } from './faults.ts';

/** One login role per process; `migrator` owns the schemas and is no process that serves anybody. */
export type RoleName = 'migrator' | 'gate' | 'keys' | 'office' | 'portal';
export const roleNames: readonly RoleName[] = ['migrator', 'gate', 'keys', 'office', 'portal'];
export type RolePasswords = Readonly<Record<RoleName, string>>;

/** The role's name in PostgreSQL: `sekisho_gate`. */
export function databaseRole(role: RoleName): string {
  return `sekisho_${role}`;
}

/** A fresh password for each role: 24 random bytes, base64url. */
export function drawRolePasswords(randomness: Randomness): RolePasswords {
  return Object.fromEntries(
    roleNames.map((role) => [role, randomness.bytes(24).toString('base64url')]),
  ) as Record<RoleName, string>;
}

/**
 * The verifier that PostgreSQL stores for SCRAM-SHA-256 (RFC 5803, RFC 7677). Computed here, so that no
 * statement with a password in it ever reaches the server, its log or its statistics.
 */
export function scramVerifier(password: string, salt: Buffer, iterations = 4096): string {
  // ASCII needs no SASLprep (RFC 4013), and our passwords are drawn, not chosen.
  if (!/^[\x21-\x7e]+$/.test(password)) throw new SekishoError('bad-input', { what: 'role-password' });
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256');
  const hmac = (text: string) => createHmac('sha256', salted).update(text).digest();
  const stored = createHash('sha256').update(hmac('Client Key')).digest();
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${stored.toString('base64')}:${hmac('Server Key').toString('base64')}`;
}

/**
 * Creates the login roles, cluster-wide, or sets their passwords anew. `client` is the superuser's, or one with CREATEROLE.
 * No role may create databases or roles, replicate, or pass over row security.
 */
export async function createRoles(
  client: pg.Client | pg.PoolClient,
  passwords: RolePasswords,
  randomness: Randomness,
): Promise<void> {
  for (const role of roleNames) {
    const name = databaseRole(role);
    const verifier = scramVerifier(passwords[role], randomness.bytes(16));
    await client.query(`CREATE ROLE ${name} LOGIN`).catch((error: unknown) => {
      if (!isDatabaseError(error, '42710') && !isDatabaseError(error, '23505')) throw error;
    });
    await client.query(
      `ALTER ROLE ${name} LOGIN NOCREATEDB NOCREATEROLE NOINHERIT PASSWORD ${client.escapeLiteral(verifier)}`,
    );
  }
}

/**
 * What the roles may do with the database itself: the migrator creates schemas in it, the processes connect to
 * it, nobody else does. Database grants are not copied by CREATE DATABASE … TEMPLATE, so call it for each one.
 */
export async function prepareDatabase(client: pg.Client | pg.PoolClient, database: string): Promise<void> {
  const name = client.escapeIdentifier(database);
  const everybody = roleNames.map(databaseRole).join(', ');
  // One query, so one commit. The gate and the keys copy rows through temporary tables.
  await client.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC;
    GRANT CONNECT ON DATABASE ${name} TO ${everybody};
    GRANT TEMPORARY ON DATABASE ${name} TO ${databaseRole('gate')}, ${databaseRole('keys')};
    GRANT CREATE, TEMPORARY ON DATABASE ${name} TO ${databaseRole('migrator')}`);
}

/** The same for the schema `public` of the database `client` is connected to: only the migrator creates there. */
export async function preparePublicSchema(client: pg.Client | pg.PoolClient): Promise<void> {
  await client.query('REVOKE CREATE ON SCHEMA public FROM PUBLIC');
  await client.query(`GRANT CREATE, USAGE ON SCHEMA public TO ${databaseRole('migrator')}`);
}
