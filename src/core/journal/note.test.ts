import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodePrimitives } from './folder-source.ts';
import {
  cosignatureTime,
  keyId,
  logVerifierKey,
  signatureLine,
  signatureTypes,
  signedBy,
  signNote,
  splitNote,
  verifierKey,
} from './note.ts';
import { stagedSigner } from './staging.fixture.ts';
import { parseNote, verifyNote } from './verify/index.ts';

const vectors = JSON.parse(readFileSync(new URL('vectors/notes.json', import.meta.url), 'utf8')) as {
  vkey: string;
  note: string;
  refused: { why: string; reason: string; note: string }[];
};
const signer = stagedSigner('journal.example/131016');

describe('signed note (C2SP signed-note)', () => {
  it('the specification’s example verifies', () => {
    expect(verifyNote(vectors.note, [vectors.vkey], nodePrimitives)).toMatchObject({
      ok: true,
      text: 'This is an example message.\n',
    });
  });

  it('the same with WebCrypto', async () => {
    expect(await verifyNote(vectors.note, [vectors.vkey])).toMatchObject({ ok: true });
  });

  it('its key id and vkey are what we make of its key', () => {
    const key = Buffer.from(vectors.vkey.split('+').slice(2).join('+'), 'base64').subarray(1);
    expect(verifierKey('example.com/foo', signatureTypes.ed25519, key)).toBe(vectors.vkey);
  });

  it.each(vectors.refused)('refuses: $why', ({ note, reason }) => {
    expect(verifyNote(note, [vectors.vkey], nodePrimitives)).toEqual({ ok: false, reason });
  });

  it('refuses a vkey whose id is not its key’s', () => {
    const wrong = vectors.vkey.replace('530d903a', '530d903b');
    expect(verifyNote(vectors.note, [wrong], nodePrimitives)).toEqual({ ok: false, reason: 'key-malformed' });
  });

  it('what we sign, the checker opens, whatever the text', async () => {
    const lines = fc
      .string({ unit: 'grapheme' })
      .filter((text) => !/[\u0000-\u001f\ud800-\udfff]/.test(text));
    await fc.assert(
      fc.asyncProperty(fc.array(lines, { minLength: 1, maxLength: 5 }), async (texts) => {
        const text = `${texts.join('\n')}\n`;
        const note = await signNote(text, signer);
        expect(verifyNote(note, [logVerifierKey(signer)], nodePrimitives)).toMatchObject({ ok: true, text });
        expect(signedBy(note, signer)).toBe(true);
      }),
    );
  });

  it('passes over the signatures of strangers', async () => {
    const note = await signNote('text\n', signer);
    const stranger = stagedSigner('stranger.example');
    const strange = signatureLine(
      stranger.name,
      keyId(stranger.name, 0x01, stranger.publicKey),
      Buffer.alloc(64),
    );
    expect(verifyNote(note + strange, [logVerifierKey(signer)], nodePrimitives)).toMatchObject({ ok: true });
  });

  it('passes over a signature type it does not know: ML-DSA may be there already', async () => {
    const note = await signNote('text\n', signer);
    const mlDsa = signatureLine(
      signer.name,
      keyId(signer.name, 0x06, Buffer.alloc(1312, 7)),
      Buffer.alloc(2428),
    );
    expect(verifyNote(note + mlDsa, [logVerifierKey(signer)], nodePrimitives)).toMatchObject({ ok: true });
  });

  it('refuses the whole note where a known key’s second signature is bad', async () => {
    const note = await signNote('text\n', signer);
    const bad = signatureLine(signer.name, keyId(signer.name, 0x01, signer.publicKey), Buffer.alloc(64));
    expect(verifyNote(note + bad, [logVerifierKey(signer)], nodePrimitives)).toEqual({
      ...{ ok: false, reason: 'signature-wrong' },
    });
  });

  it('is not read out of garbage', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        const parsed = parseNote(text);
        if (parsed !== undefined) expect(text.startsWith(parsed.text)).toBe(true);
      }),
    );
  });

  it('does not sign control characters or an open line', async () => {
    for (const text of ['no newline', 'a\tb\n', 'a\u0000\n'])
      await expect(signNote(text, signer)).rejects.toMatchObject({ kind: 'bad-input' });
  });

  it('has no key name with plus, space or nothing', () => {
    for (const name of ['a+b', 'a b', ''])
      expect(() => keyId(name, 1, signer.publicKey)).toThrow(/bad-input/);
  });

  it('splits only notes', () => {
    expect(() => splitNote('text\n')).toThrow(/bad-input/);
    expect(cosignatureTime('— a b\n', 'text\n', signer)).toBeUndefined();
  });
});
