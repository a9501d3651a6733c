import { describe, expect, it } from 'vitest';
import { checkpointText, ownCheckpoint, parseCheckpoint, signCheckpoint } from './checkpoint.ts';
import { nodePrimitives } from './folder-source.ts';
import { leafHashOf } from './merkle.ts';
import {
  cosignedMessage,
  keyId,
  logVerifierKey,
  signatureLine,
  signNote,
  witnessVerifierKey,
} from './note.ts';
import { stagedSigner } from './staging.fixture.ts';
import { verifyCheckpoint, verifyCosignature } from './verify/index.ts';

const log = stagedSigner('journal.example/131016');
const [w1, w2, w3] = ['w1', 'w2', 'w3'].map((name) => stagedSigner(`witness.example/${name}`));
const root = leafHashOf(Buffer.from('x'));
const policy = {
  origin: log.name,
  logKey: logVerifierKey(log),
  witnessKeys: [w1!, w2!, w3!].map(witnessVerifierKey),
  quorum: 0,
};

async function cosigned(note: string, witness: typeof log, seconds = 1_775_000_000): Promise<string> {
  const text = note.slice(0, note.lastIndexOf('\n\n') + 1);
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(seconds));
  const signature = Buffer.concat([time, await witness.sign(cosignedMessage(text, seconds))]);
  return note + signatureLine(witness.name, keyId(witness.name, 4, witness.publicKey), signature);
}

const check = (note: string, change: Partial<typeof policy> = {}) =>
  verifyCheckpoint(note, { ...policy, ...change }, nodePrimitives);

describe('checkpoint (C2SP tlog-checkpoint)', () => {
  it('is three lines', () => {
    expect(checkpointText({ origin: 'o', size: 7, root })).toBe(`o\n7\n${root.toString('base64')}\n`);
  });

  it('reads back what was signed', async () => {
    const head = await signCheckpoint({ origin: log.name, size: 7, root }, log);
    expect(parseCheckpoint(head.note)).toEqual(head);
    expect(ownCheckpoint(head.note, log.name, log)).toEqual(head);
    expect(check(head.note)).toMatchObject({ ok: true, size: 7, origin: log.name });
  });

  it('wrong origin is refused', async () => {
    const { note } = await signCheckpoint({ origin: 'other.example', size: 7, root }, log);
    expect(check(note)).toEqual({ ok: false, reason: 'origin-differs' });
    expect(() => ownCheckpoint(note, log.name, log)).toThrow(/origin/);
  });

  it('wrong key is refused', async () => {
    const { note } = await signCheckpoint(
      { origin: log.name, size: 7, root },
      stagedSigner(log.name, 'other'),
    );
    expect(check(note)).toEqual({ ok: false, reason: 'signature-missing' });
    expect(() => ownCheckpoint(note, log.name, log)).toThrow(/signature/);
  });

  it.each(['o\n07\nAA==\n', 'o\n7\nAA==\n', 'o\n-7\n', '\n7\n', 'o\n9007199254740992\n'])(
    'refuses the text %j',
    async (start) => {
      const text = start.split('\n').length > 3 ? start : `${start}${root.toString('base64')}\n`;
      const note = await signNote(text, log);
      expect(check(note, { origin: 'o' })).toMatchObject({ ok: false });
      expect(() => parseCheckpoint(note)).toThrow(/bad-input/);
    },
  );

  it('passes over extension lines, which cosignatures cover', async () => {
    const text = `${checkpointText({ origin: log.name, size: 7, root })}extension\n`;
    expect(check(await cosigned(await signNote(text, log), w1!), { quorum: 1 })).toMatchObject({ ok: true });
  });
});

describe('quorum of cosignatures (C2SP tlog-cosignature)', () => {
  it('counts known witnesses, each once', async () => {
    const { note } = await signCheckpoint({ origin: log.name, size: 7, root }, log);
    const one = await cosigned(note, w1!);
    const again = await cosigned(one, w1!, 1_775_000_001);
    const two = await cosigned(again, w2!);
    expect(check(note, { quorum: 1 })).toEqual({ ok: false, reason: 'quorum-missed' });
    expect(check(one, { quorum: 1 })).toMatchObject({ ok: true });
    expect(check(again, { quorum: 2 })).toEqual({ ok: false, reason: 'quorum-missed' });
    expect(check(two, { quorum: 2 })).toMatchObject({ ok: true });
    expect(check(two, { quorum: 3 })).toEqual({ ok: false, reason: 'quorum-missed' });
  });

  it('a witness under two names is one witness', async () => {
    const alias = { ...w1!, name: 'witness.example/alias' };
    const { note } = await signCheckpoint({ origin: log.name, size: 7, root }, log);
    const both = await cosigned(await cosigned(note, w1!), alias);
    const witnessKeys = [w1!, alias].map(witnessVerifierKey);
    expect(check(both, { witnessKeys, quorum: 2 })).toEqual({ ok: false, reason: 'quorum-missed' });
  });

  it('refuses a cosignature whose time was changed', async () => {
    const { note } = await signCheckpoint({ origin: log.name, size: 7, root }, log);
    const good = await cosigned(note, w1!);
    const line = good.slice(note.length);
    const raw = Buffer.from(line.split(' ')[2]!, 'base64');
    raw[11]! ^= 1;
    const bad = `${note}— ${w1!.name} ${raw.toString('base64')}\n`;
    expect(verifyCosignature(good, witnessVerifierKey(w1!), nodePrimitives)).toMatchObject({
      ...{ ok: true, timestamp: 1_775_000_000 },
    });
    expect(verifyCosignature(bad, witnessVerifierKey(w1!), nodePrimitives)).toEqual({
      ...{ ok: false, reason: 'signature-wrong' },
    });
    expect(check(bad)).toEqual({ ok: false, reason: 'signature-wrong' });
  });

  it('the log’s own key is no witness', async () => {
    const { note } = await signCheckpoint({ origin: log.name, size: 7, root }, log);
    expect(check(await cosigned(note, log), { quorum: 1 })).toEqual({ ok: false, reason: 'quorum-missed' });
    expect(check(note, { witnessKeys: [logVerifierKey(log)] })).toEqual({
      ok: false,
      reason: 'key-malformed',
    });
  });

  it('a cosignature alone, without the log’s signature, is no checkpoint', async () => {
    const { note } = await signCheckpoint({ origin: log.name, size: 7, root }, stagedSigner('x.example'));
    expect(check(await cosigned(note, w1!))).toEqual({ ok: false, reason: 'signature-missing' });
  });
});
