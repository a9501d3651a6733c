import { generateKeyPairSync, sign } from 'node:crypto';
import { bytesParsersWithstandGarbage, textParsersWithstandGarbage } from '../../../test/garbage.ts';
import { parseCheckpoint } from './checkpoint.ts';
import { nodePrimitives } from './index.ts';
import { decodeLine, encodeLine } from './line.ts';
import { logVerifierKey, splitNote } from './note.ts';
import { decodeRecords, encodeRecord } from './payload-file.ts';
import { proofFileText } from './proof-file.ts';
import { decodeEntries, encodeCommitments } from './tiles.ts';
import { parseNote, parseProofFile, verifyNote } from './verify/index.ts';
import { parseAddCheckpoint } from './witness/request.ts';
import { fromBase64, fromDecimal } from './witness/text.ts';

const origin = 'parsers.sekisho.invalid/log';
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const vkey = logVerifierKey({
  name: origin,
  publicKey: publicKey.export({ format: 'der', type: 'spki' }).subarray(-32),
});
const hash = Buffer.alloc(32, 7).toString('base64');
const text = `${origin}\n3\n${hash}\n`;
const signature = Buffer.concat([Buffer.from('01020304', 'hex'), sign(null, Buffer.from(text), privateKey)]);
const note = `${text}\n— ${origin} ${signature.toString('base64')}\n`;
const proof = { index: 1, size: 3, leafHash: hash, path: [hash, hash], checkpoint: note };

textParsersWithstandGarbage([
  { name: 'parseNote', specimen: note, parse: parseNote },
  { name: 'splitNote', specimen: note, parse: splitNote },
  { name: 'parseCheckpoint', specimen: note, parse: parseCheckpoint },
  { name: 'parseVerifier', specimen: vkey, parse: (t) => verifyNote(note, [t], nodePrimitives) },
  { name: 'parseProofFile', specimen: proofFileText(proof), parse: parseProofFile },
  { name: 'parseAddCheckpoint', specimen: `old 1\n${hash}\n\n${note}`, parse: parseAddCheckpoint },
  { name: 'fromDecimal', specimen: '9007199254740991', parse: fromDecimal },
  { name: 'fromBase64', specimen: hash, parse: fromBase64 },
]);

const record = (index: number) =>
  encodeRecord(index, {
    at: 1,
    commitment: Buffer.alloc(32),
    token: Buffer.alloc(16, 1),
    sealed: Buffer.alloc(40, index),
  });
const commitments = [hash, hash].map((one) => Buffer.from(one, 'base64'));

bytesParsersWithstandGarbage([
  {
    name: 'decodeLine',
    specimen: encodeLine({ kind: 'session.closed', body: { outcome: 'closed' } }, 1_700_000_000_000),
    parse: decodeLine,
  },
  { name: 'decodeEntries', specimen: encodeCommitments(commitments, 1), parse: decodeEntries },
  {
    name: 'decodeRecords',
    specimen: Buffer.concat([record(0), record(1)]),
    parse: (bytes) => [...decodeRecords(bytes)],
  },
]);
