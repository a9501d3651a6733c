import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { seededRandomness } from '../randomness.ts';
import { createRoles, databaseRole, drawRolePasswords, isDatabaseError, roleNames } from './index.ts';
import { scramVerifier } from './roles.ts';

let db: FreshDatabase;
beforeAll(async () => {
  db = await freshDatabase([]);
});
afterAll(() => db.drop());

describe('scramVerifier', () => {
  it('is what PostgreSQL itself makes of the same password and salt', async () => {
    // The server draws its own salt: take it from what it stored and compute the verifier again.
    const admin = db.pool('superuser', 1);
    await admin.query(`CREATE ROLE scram_probe PASSWORD 'pencil-and-paper'`);
    try {
      const { rows } = await admin.query(`SELECT rolpassword FROM pg_authid WHERE rolname = 'scram_probe'`);
      const stored: string = rows[0].rolpassword;
      const [, iterations, salt] = /^SCRAM-SHA-256\$(\d+):([^$]+)\$/.exec(stored)!;
      expect(scramVerifier('pencil-and-paper', Buffer.from(salt!, 'base64'), Number(iterations))).toBe(
        stored,
      );
    } finally {
      await admin.query('DROP ROLE scram_probe');
    }
  });

  it.each(['', 'with space', 'パスワード', 'tab\t'])(
    'refuses the password %j, which would need SASLprep',
    (password) => {
      expect(() => scramVerifier(password, Buffer.alloc(16))).toThrow('role-password');
    },
  );
});

describe('drawRolePasswords', () => {
  it('draws another one for each role', () => {
    const drawn = drawRolePasswords(seededRandomness('roles'));
    expect(Object.keys(drawn)).toEqual(roleNames);
    expect(new Set(Object.values(drawn)).size).toBe(5);
    for (const password of Object.values(drawn)) expect(password).toMatch(/^[\w-]{32}$/);
  });
});

describe('the roles', () => {
  it.each(roleNames)('%s signs in with its password and holds no power over the cluster', async (role) => {
    const { rows } = await db.pool(role).query(
      `SELECT rolname, rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls, rolinherit
       FROM pg_roles WHERE rolname = current_user`,
    );
    expect(rows).toEqual([
      {
        rolname: databaseRole(role),
        rolsuper: false,
        rolcreatedb: false,
        rolcreaterole: false,
        rolreplication: false,
        rolbypassrls: false,
        rolinherit: false,
      },
    ]);
  });

  it.each(roleNames)('%s does not sign in without it', async (role) => {
    const client = new pg.Client({ ...db.connection(role), password: 'x' });
    await expect(client.connect()).rejects.toMatchObject({ code: '28P01' });
  });

  it.each(['gate', 'keys', 'office', 'portal'] as const)(
    '%s creates no schema and no table',
    async (role) => {
      for (const sql of ['CREATE SCHEMA mine', 'CREATE TABLE public.mine ()', 'CREATE EXTENSION pg_trgm']) {
        const error = await db
          .pool(role)
          .query(sql)
          .catch((caught: unknown) => caught);
        expect(isDatabaseError(error, '42501')).toBe(true);
      }
    },
  );

  it.each(['office', 'portal'] as const)('%s makes no temporary table', async (role) => {
    const error = await db
      .pool(role)
      .query('CREATE TEMPORARY TABLE mine ()')
      .catch((caught: unknown) => caught);
    expect(isDatabaseError(error, '42501')).toBe(true);
  });

  it('the migrator creates schemas and trusted extensions', async () => {
    await db
      .pool('migrator')
      .query('CREATE SCHEMA made; CREATE EXTENSION pg_trgm; CREATE TABLE public.made ()');
  });

  it('everybody reads which migrations were applied, nobody but the migrator writes it', async () => {
    await db.pool('portal').query('SELECT * FROM public.sekisho_migration');
    const error = await db
      .pool('gate')
      .query('DELETE FROM public.sekisho_migration')
      .catch((caught: unknown) => caught);
    expect(isDatabaseError(error, '42501')).toBe(true);
  });

  it('created again they take the new password, and nothing with the password in it was sent', async () => {
    const sent: string[] = [];
    const randomness = seededRandomness('again');
    const passwords = drawRolePasswords(randomness);
    const recorder = {
      query: async (text: string) => void sent.push(text),
      escapeLiteral: pg.escapeLiteral,
    } as unknown as pg.Client;
    await createRoles(recorder, passwords, randomness);
    expect(sent.filter((text) => text.includes('SCRAM-SHA-256$4096:'))).toHaveLength(5);
    for (const password of Object.values(passwords)) expect(sent.join()).not.toContain(password);
  });
});
