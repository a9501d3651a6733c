import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  hash,
  sign,
} from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { type ManualClock, manualClock } from '../../ground/clock.ts';
import { SekishoError } from '../../ground/errors.ts';
import { type MunicipalityCode, type PersonId, uuidv7 } from '../../ground/ids.ts';
import { seededRandomness } from '../../ground/randomness.ts';
import type { JournalOptions } from './journal.ts';
import type { JournalLog } from './log.ts';
import { sha256 } from './merkle.ts';
import { logVerifierKey, type NoteSigner, witnessVerifierKey } from './note.ts';
import type { PayloadSealer } from './unit.ts';
import type { Policy } from './verify/index.ts';
import { WitnessClient, WitnessServer } from './witness/index.ts';

/** Stand-ins for tests and benches of this room: keys from a seed, a sealer, a witness on loopback. Never for service. */

const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex'); // RFC 8410: PrivateKeyInfo of Ed25519

/** An Ed25519 signer whose key is the hash of its name and a seed. */
export function stagedSigner(name: string, seed = ''): NoteSigner {
  const secret = hash('sha256', `staged\n${name}\n${seed}`, 'buffer');
  const key = createPrivateKey({ key: Buffer.concat([pkcs8, secret]), format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(12);
  return { name, publicKey, sign: (data) => sign(null, data, key) };
}

/** AES-256-GCM as the seal room does it, under one key. */
export function stagedSealer(): PayloadSealer {
  // A KeyObject: given bare bytes, Node 24 spends three times as long on finding out what they are.
  const key = createSecretKey(hash('sha256', 'staged payload key', 'buffer'));
  const randomness = seededRandomness('payload');
  let ivs = randomness.bytes(12 * 4096);
  return {
    seal(leaf, _at, plain) {
      if (ivs.length < 12) ivs = randomness.bytes(12 * 4096);
      const iv = ivs.subarray(0, 12);
      ivs = ivs.subarray(12);
      const cipher = createCipheriv('aes-256-gcm', key, iv);
      cipher.setAAD(leaf);
      const body = cipher.update(plain);
      cipher.final();
      return Buffer.concat([iv, body, cipher.getAuthTag()]);
    },
    open(leaf, _at, sealed) {
      const cipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12));
      cipher.setAAD(leaf);
      cipher.setAuthTag(sealed.subarray(-16));
      try {
        return Buffer.concat([cipher.update(sealed.subarray(12, -16)), cipher.final()]);
      } catch (cause) {
        throw new SekishoError('seal-broken', { what: 'payload' }, { cause });
      }
    },
  };
}

export const stagedToken = (person: PersonId): Buffer =>
  sha256(Buffer.from(`staged token\n${person}`)).subarray(0, 16);

export const quietLog: JournalLog = { info() {}, warn() {}, error() {} };

export const municipality = '131016' as MunicipalityCode;
export const origin = 'journal.example/131016';

/** A witness that can be stopped and started again on its state. */
export class StagedWitness {
  readonly signer: NoteSigner;
  readonly folder: string;
  readonly clock: ManualClock;
  #server: WitnessServer | undefined;
  port = 0;

  constructor(folder: string, name: string, clock: ManualClock) {
    this.folder = folder;
    this.signer = stagedSigner(name);
    this.clock = clock;
  }

  async start(log: NoteSigner): Promise<void> {
    this.#server = new WitnessServer({
      signer: this.signer,
      logs: [{ origin: log.name, keys: [logVerifierKey(log)], successors: true }],
      folder: this.folder,
      clock: this.clock,
      log: quietLog,
    });
    this.port = await this.#server.listen(this.port);
  }

  async stop(): Promise<void> {
    await this.#server?.close();
    this.#server = undefined;
  }

  client(timeoutMs = 2_000): WitnessClient {
    const { name, publicKey } = this.signer;
    return new WitnessClient({ url: `http://127.0.0.1:${this.port}`, name, publicKey, timeoutMs });
  }
}

/** Everything a journal is opened with. `options()` gives fresh options on the same state: a restart. */
export class Stage {
  readonly folder = mkdtempSync(join(tmpdir(), 'sekisho-journal-'));
  readonly clock = manualClock();
  readonly signer = stagedSigner(origin);
  readonly witness = new StagedWitness(join(this.folder, 'witness'), 'witness.example/w1', this.clock);
  readonly mirror = join(this.folder, 'mirror');
  readonly pool: pg.Pool;
  readonly randomness = seededRandomness('journal');

  constructor(pool: pg.Pool) {
    this.pool = pool;
  }

  async start(): Promise<this> {
    await this.witness.start(this.signer);
    return this;
  }

  options(change: Partial<JournalOptions> = {}): JournalOptions {
    return {
      ...{ municipality, origin, pool: this.pool, signer: this.signer, sealer: stagedSealer() },
      ...{ personToken: stagedToken, witnesses: [this.witness.client()], mirror: this.mirror },
      ...{
        clock: this.clock,
        randomness: seededRandomness(`run ${Math.floor(this.clock.now())}`),
        log: quietLog,
      },
      integrateEveryMs: 20,
      ...change,
    };
  }

  person(): PersonId {
    return uuidv7(this.clock, this.randomness) as PersonId;
  }

  policy(quorum = 1): Policy {
    return {
      origin,
      logKey: logVerifierKey(this.signer),
      witnessKeys: [witnessVerifierKey(this.witness.signer)],
      quorum,
    };
  }

  async end(): Promise<void> {
    await this.witness.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
