import { SekishoError } from '../../ground/errors.ts';

/** An inclusion proof with the checkpoint it leads to. Binary values base64, so that it can travel as JSON. */
export interface Proof {
  index: number;
  /** Leaves in the checkpoint's tree. */
  size: number;
  leafHash: string;
  /** Audit path (RFC 6962 §2.1.1), leaf's sibling first. */
  path: readonly string[];
  /** The witnessed checkpoint. */
  checkpoint: string;
}

/** Inclusion proofs of many lines under one checkpoint, each hash once. */
export interface ManyProofs {
  /** Leaves in the checkpoint's tree. */
  size: number;
  /** The witnessed checkpoint. */
  checkpoint: string;
  /** Hashes side by side, 32 bytes each. */
  nodes: Buffer;
  /** Of each line: the place of its leaf hash among the nodes, */
  leaves: readonly number[];
  /** and those of its audit path, leaf's sibling first. */
  paths: readonly (readonly number[])[];
}

/** The C2SP tlog-proof v1 file of a proof. `extra` is not authenticated. */
export function proofFileText(proof: Proof, extra?: Buffer): string {
  if (extra !== undefined && extra.length === 0) throw new SekishoError('bad-input', { what: 'extra' });
  return [
    'c2sp.org/tlog-proof@v1',
    ...(extra === undefined ? [] : [`extra ${extra.toString('base64')}`]),
    `index ${proof.index}`,
    ...proof.path,
    '',
    proof.checkpoint,
  ].join('\n');
}
