import { execFile } from 'node:child_process';
import { createPrivateKey, sign } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { silentLog } from '../../ground/log.ts';
import { type House, startHouse } from '../../processes/index.ts';
import { OfficeClient } from '../api/client.gen.ts';
import { main } from './program.ts';
import { recordedTerminal } from './recorded-terminal.fixture.ts';

export const town = '202029';

/** What a command line came to. */
export interface Ran {
  code: number;
  out: string;
  err: string;
  /** stdout as JSON; undefined where there is none. */
  // biome-ignore lint/suspicious/noExplicitAny: answers of the command line, looked at field by field
  answer: any;
  /** The error's kind on stderr, '' where there is none. */
  kind: string;
  /** The error's facts. */
  facts: Record<string, unknown>;
}

function asRan(code: number, out: string, err: string): Ran {
  const last = err.trim().split('\n').at(-1) ?? '';
  const error = last.startsWith('{"error"') ? JSON.parse(last).error : {};
  const answer =
    out.trimStart().startsWith('{') && out.trim().split('\n').length === 1 ? JSON.parse(out) : undefined;
  return { code, out, err, answer, kind: error.kind ?? '', facts: error.facts ?? {} };
}

/** The whole house as it runs, in a folder of its own, and the command line as a person types it. One for a test file. */
export class RunningHouse {
  readonly folder: string;
  readonly data: string;
  readonly house: House;
  /** Rows of the sample town, without the header. */
  readonly rows: readonly (readonly string[])[] = [];

  private constructor(folder: string, house: House) {
    this.folder = folder;
    this.data = join(folder, 'data');
    this.house = house;
  }

  /** @param o.residents of the sample town, imported by the command; 0 for none */
  static async start(
    o: { residents?: number; municipalities?: readonly string[]; budgets?: unknown; overdueMs?: number } = {},
  ): Promise<RunningHouse> {
    const folder = mkdtempSync(join(tmpdir(), 'sekisho-running-'));
    chmodSync(folder, 0o755); // the database's account must be able to enter
    const budgetsFile = join(folder, 'budgets.json');
    if (o.budgets !== undefined) writeFileSync(budgetsFile, JSON.stringify(o.budgets));
    const house = await startHouse({
      folder: join(folder, 'data'),
      municipalities: o.municipalities ?? [town],
      port: 0,
      log: silentLog,
      archive: false,
      // A loaded machine must not look like a witness that is gone.
      overdueMs: o.overdueMs ?? 60_000,
      ...(o.budgets === undefined ? {} : { budgetsFile }),
    });
    const running = new RunningHouse(folder, house);
    if (o.residents !== 0) await running.#importTown(o.residents ?? 30);
    return running;
  }

  async #importTown(residents: number): Promise<void> {
    const file = join(this.folder, 'town.csv');
    const argv = ['--residents', String(residents), '--municipality', town, '--encoding', 'utf-8'];
    const written = await this.run(['sample', 'population', file, ...argv]);
    const imported = await this.run(['register', 'import', file, '--as', 'registrar', '--note', '初期']);
    if (written.code + imported.code !== 0) throw new Error(`${written.err}${imported.err}${imported.out}`);
    const lines = readFileSync(file, 'utf8')
      .replace(/^\uFEFF/, '')
      .trim()
      .split('\r\n');
    Object.assign(this, { rows: lines.slice(1).map((line) => line.split(',')) });
  }

  /** Runs a command line in this process, with `--json`. */
  async run(
    argv: readonly string[],
    o: { typed?: string; env?: Record<string, string>; signal?: AbortSignal } = {},
  ): Promise<Ran> {
    const { signal = new AbortController().signal, ...more } = o;
    const terminal = recordedTerminal(more);
    const code = await main([...argv, '--data', this.data, '--json'], { terminal, signal });
    return asRan(code, terminal.out(), terminal.err());
  }

  /** The same as a process of its own: for signals, and for what is said to a person. */
  spawn(argv: readonly string[]) {
    const sekisho = resolve('src/doors/cli/main.ts');
    const env = { PATH: process.env['PATH'], LANG: 'en_US.UTF-8' };
    const { promise, resolve: done } = Promise.withResolvers<Ran>();
    const child = execFile(
      process.execPath,
      [sekisho, ...argv, '--data', this.data],
      { env },
      (error, out, err) => done(asRan(error === null ? 0 : Number(error.code ?? -1), out, err)),
    );
    return { child, ended: promise };
  }

  /** As `run`, for what must go well. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  async ok(argv: readonly string[], o: { typed?: string; env?: Record<string, string> } = {}): Promise<any> {
    const ran = await this.run(argv, o);
    if (ran.code !== 0) throw new Error(`${argv.join(' ')}: exit ${ran.code} ${ran.err}${ran.out}`);
    return ran.answer;
  }

  /** A client with a session of its own, as a program over the API has it: the command line signs in anew each time. */
  async office(as: string): Promise<OfficeClient> {
    const key = JSON.parse(readFileSync(join(this.data, 'staff', `${as}.json`), 'utf8'));
    const office = new OfficeClient({ url: this.house.officeUrl, language: 'en' });
    const { nonce } = await office.challenge({ body: { staff: key.staff } });
    const signature = sign(null, Buffer.from(nonce), createPrivateKey(key.privateKeyPem)).toString('base64');
    const { staff, terminal, pin } = key;
    office.session = (await office.signIn({ body: { staff, terminal, nonce, signature, pin } })).session;
    return office;
  }

  /** The id of the resident in a row of the sample town, found as the desk finds him. */
  async personOf(addressNumber: string): Promise<{ person: string; status: string }> {
    const desk = ['--as', 'supervisor', '--purpose', 'residence-certificate', '--note', '照会'];
    const { hits } = await this.ok(['register', 'find', '--address-number', addressNumber, ...desk]);
    return hits[0];
  }

  /** Opens groups as a supervisor may under a purpose. */
  async fields(person: string, groups: string, purpose = 'residence-certificate-special') {
    const desk = ['--as', 'supervisor', '--purpose', purpose, '--note', '照会'];
    return (await this.ok(['register', 'show', person, '--groups', groups, ...desk])).fields;
  }

  /** Kinds of the lines about a person, newest first. */
  async lines(person: string): Promise<{ kind: string; body: Record<string, unknown> }[]> {
    const desk = ['--as', 'officer', '--purpose', 'own-record-at-desk', '--note', '開示'];
    return (await this.ok(['register', 'history', person, ...desk])).lines;
  }

  /** Writes a file of this test's folder and gives its path. */
  file(name: string, content: string | Uint8Array): string {
    const path = join(this.folder, name);
    writeFileSync(path, content);
    return path;
  }

  async close(): Promise<void> {
    await this.house.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
