import { fromBase64, type Policy, savedLineText } from '../../../../core/journal/verify/index.ts';
import type { GivenLine } from './check-lines.ts';

/** A file that the page offers for keeping. */
export interface KeptFile {
  name: string;
  text: string;
}

/**
 * A line with its proof as the file that `sekisho journal verify FILE --trust keys.json` checks offline. Its name tells
 * journal and index and nothing personal. Undefined where the line has no proof yet.
 */
export function savedLine(line: GivenLine): KeptFile | undefined {
  if (line.proof === undefined) return undefined;
  const payload = fromBase64(line.payload ?? '');
  const salt = fromBase64(line.salt ?? '');
  const leafHash = fromBase64(line.leafHash);
  const proof = { index: line.index, path: line.proof.path, checkpoint: line.proof.checkpoint };
  const name = `sekisho-${line.municipality}-${line.index}.tlog-proof`;
  if (line.payload !== undefined && payload !== undefined && salt !== undefined)
    return { name, text: savedLineText({ kind: 'line', salt, payload }, proof) };
  return leafHash === undefined
    ? undefined
    : { name, text: savedLineText({ kind: 'leaf', leafHash }, proof) };
}

/** The public keys as the file that `--trust` takes. */
export function savedKeys(policies: ReadonlyMap<string, Policy>): KeptFile {
  const entries = [...policies].map(([municipality, { origin, logKey, witnessKeys, quorum }]) => [
    municipality,
    { origin, log_key: logKey, witness_keys: witnessKeys, quorum },
  ]);
  return { name: 'sekisho-keys.json', text: `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n` };
}
