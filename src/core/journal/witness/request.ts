import { fromBase64, fromDecimal } from './text.ts';

/** The body of an add-checkpoint call (C2SP tlog-witness "add-checkpoint"). */
export interface AddCheckpoint {
  old: number;
  proof: Uint8Array[];
  checkpoint: string;
}

const MOST_PROOF_LINES = 63;

/** Reads a body; undefined is a 400. */
export function parseAddCheckpoint(body: string): AddCheckpoint | undefined {
  const split = body.indexOf('\n\n');
  if (split < 0) return undefined;
  const [first, ...lines] = body.slice(0, split).split('\n');
  if (!first?.startsWith('old ') || lines.length > MOST_PROOF_LINES) return undefined;
  const old = fromDecimal(first.slice('old '.length));
  const proof = lines.map(fromBase64);
  if (old === undefined || !proof.every((hash) => hash?.length === 32)) return undefined;
  return { old, proof: proof as Uint8Array[], checkpoint: body.slice(split + 2) };
}
