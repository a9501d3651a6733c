import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLog } from '../../ground/log.ts';
import { type House, startHouse } from '../../processes/index.ts';
import { main } from './program.ts';
import { recordedTerminal } from './recorded-terminal.fixture.ts';

// The whole house as it runs: database, witness, gate, office as processes, and the command line as a person types it.

const town = '202029';
let data: string;
let house: House;

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'sekisho-main-path-'));
  house = await startHouse({ folder: data, municipalities: [town], port: 0, log: silentLog });
}, 120_000);
afterAll(async () => {
  await house?.stop();
  rmSync(data, { recursive: true, force: true });
}, 60_000);

async function run(...argv: string[]) {
  const terminal = recordedTerminal({ typed: '' });
  const code = await main([...argv, '--data', data, '--json'], {
    terminal,
    signal: new AbortController().signal,
  });
  return {
    code,
    answer: terminal.out() === '' ? undefined : JSON.parse(terminal.out()),
    err: terminal.err(),
  };
}
const kindOf = (err: string) => JSON.parse(err).error.kind;
const desk = ['--as', 'clerk', '--purpose', 'residence-certificate', '--note', '交付'];

describe('from a resident file to a proven disclosure', { timeout: 60_000 }, () => {
  let file: string;
  let person: string;
  let name: string;

  it('imports a CP932 file; the same file again changes nothing', async () => {
    file = join(data, 'town.csv');
    expect((await run('sample', 'population', file, '--residents', '60', '--municipality', town)).code).toBe(
      0,
    );
    const first = await run('register', 'import', file, '--as', 'registrar', '--note', '初期');
    expect(first.code).toBe(0);
    expect(first.answer).toMatchObject({
      state: 'finished',
      rowsRead: 60,
      rowsCreated: 60,
      encoding: 'cp932',
    });
    const again = await run('register', 'import', file, '--as', 'registrar', '--note', '再');
    expect(again.answer).toMatchObject({ rowsCreated: 0, rowsChanged: 0, rowsUnchanged: 60 });
  });

  it('refuses a file with one bad row whole, and says line and reason', async () => {
    const rows = new TextDecoder('shift_jis').decode(readFileSync(file)).split('\r\n');
    const bad = join(data, 'bad.csv');
    writeFileSync(bad, [rows[0], rows[1], rows[2]!.replace(/,[男女],/, ',猫,'), ''].join('\r\n'));
    const { code, answer } = await run('register', 'import', bad, '--as', 'registrar', '--note', '誤り');
    expect(code).toBe(3);
    expect(answer).toMatchObject({ state: 'refused', rowsRefused: 1, rowsCreated: 0 });
    expect(answer.refusedRows[0]).toMatchObject({ line: 3, reason: 'sex-unknown' });
    expect(JSON.stringify(answer)).not.toContain('猫');
  });

  it('finds a resident masked, and opens what the purpose allows, with a receipt', async () => {
    const cells = new TextDecoder('shift_jis').decode(readFileSync(file)).split('\r\n')[1]!.split(',');
    name = cells[2]!;
    const found = await run('register', 'find', '--address-number', cells[0]!, ...desk);
    expect(found.answer.hits).toHaveLength(1);
    expect(JSON.stringify(found.answer)).not.toContain(name);
    person = found.answer.hits[0].person;
    const opened = await run('register', 'show', person, '--groups', 'name,address', ...desk);
    expect(opened.code).toBe(0);
    expect(opened.answer.fields.name.name).toBe(name);
    writeFileSync(join(data, 'receipt.json'), JSON.stringify(opened.answer));
    // The head that a witness has signed reaches the line within a few seconds.
    await expect
      .poll(async () => (await run('journal', 'verify', '--receipt', join(data, 'receipt.json'))).answer, {
        timeout: 15_000,
        interval: 300,
      })
      .toMatchObject({ finding: 'present' });
    const index = String(opened.answer.receipt.index);
    expect((await run('journal', 'prove', index)).answer).toMatchObject({
      verified: true,
      index: Number(index),
    });
  });

  it('refuses the number for this purpose, exit 4, and keeps the refusal', async () => {
    const { code, err } = await run('register', 'show', person, '--groups', 'number', ...desk);
    expect(code).toBe(4);
    expect(kindOf(err)).toBe('no-authority');
  });

  it('tells the resident who opened what', async () => {
    const own = ['--as', 'officer', '--purpose', 'own-record-at-desk', '--note', '開示請求'];
    const { answer } = await run('register', 'history', person, ...own);
    const kinds = answer.lines.map(({ kind }: { kind: string }) => kind);
    expect(kinds).toContain('field.opened');
    expect(kinds).toContain('field.refused');
    expect(kinds.at(-1)).toBe('record.created');
    expect(JSON.stringify(answer)).not.toContain(name);
  });

  it('verifies log and records; a copy taken over HTTP verifies too', async () => {
    expect((await run('journal', 'verify')).answer).toMatchObject({ verified: true });
    const copy = join(data, 'copy', town);
    const url = `${house.officeUrl}/journal/${town}`;
    expect((await run('journal', 'export', copy, '--from', url)).code).toBe(0);
    const verified = await run('journal', 'verify', copy);
    expect(verified.answer).toMatchObject({ verified: true });
    expect((await run('register', 'verify', '--as', 'officer')).answer.verified.findings).toBe(0);
    // One bit of one tile, and the checker says where.
    const tile = join(
      copy,
      'tile/entries',
      verified.answer.size >= 256 ? '000' : `000.p/${verified.answer.size}`,
    );
    const bytes = readFileSync(tile);
    bytes[40]! ^= 1;
    writeFileSync(tile, bytes);
    const broken = await run('journal', 'verify', copy);
    expect(broken.code).toBe(8);
    expect(kindOf(broken.err)).toBe('proof-invalid');
  });

  it('a suspension takes effect on the next request', async () => {
    const suspend = ['gate', 'staff', 'suspend', 'clerk', '--as', 'officer', '--reason', '調査'];
    expect((await run(...suspend)).code).toBe(0);
    expect((await run('register', 'show', person, '--groups', 'name', ...desk)).code).toBe(4);
    const reinstate = ['gate', 'staff', 'reinstate', 'clerk', '--as', 'officer', '--reason', '済'];
    expect((await run(...reinstate)).code).toBe(0);
    expect((await run('register', 'show', person, '--groups', 'name', ...desk)).code).toBe(0);
  });

  it('a wrong PIN signs nobody in', async () => {
    const terminal = recordedTerminal({ env: { SEKISHO_PIN: '0000000' } });
    const argv = ['register', 'verify', '--as', 'officer', '--data', data, '--json'];
    expect(await main(argv, { terminal, signal: new AbortController().signal })).toBe(4);
    expect(terminal.err()).toContain('sign-in-failed');
  });
});
