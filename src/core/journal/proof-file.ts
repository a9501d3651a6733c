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
