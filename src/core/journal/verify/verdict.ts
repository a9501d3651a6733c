/** Every way a verification can fail. Closed, so that a door can word each. */
export type Reason =
  // notes and checkpoints
  | 'note-malformed'
  | 'key-malformed'
  | 'signature-missing'
  | 'signature-wrong'
  | 'checkpoint-malformed'
  | 'origin-differs'
  | 'quorum-missed'
  // proofs
  | 'index-beyond-size'
  | 'size-shrank'
  | 'proof-length'
  | 'proof-malformed'
  | 'root-differs'
  // lines and receipts
  | 'commitment-differs'
  | 'receipt-malformed'
  | 'leaf-differs'
  // the whole log
  | 'tile-missing'
  | 'tile-length'
  | 'tile-differs'
  | 'entries-malformed';

/** Where it failed: line index, tile path, or line of a text file. */
export interface Place {
  index?: number;
  tile?: string;
  line?: number;
}

export type Verdict<Found = unknown> = ({ ok: true } & Found) | { ok: false; reason: Reason; place?: Place };

export function refuse(reason: Reason, place?: Place): { ok: false; reason: Reason; place?: Place } {
  return place === undefined ? { ok: false, reason } : { ok: false, reason, place };
}
