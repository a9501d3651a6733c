import type { ErrorFacts, ErrorKind } from '../../ground/errors.ts';
import type { MunicipalityCode, PersonId } from '../../ground/ids.ts';

/** The shapes of core/gate that the register builds on, until core/gate's door exports them. */
export type Fields = Record<string, Record<string, string>>;

export interface IndexCall {
  index: string;
  args: string[];
}

export interface SealedTable {
  name: string;
  table: string;
  history: string;
  groups: Record<string, { column: string; fields: readonly string[] }>;
  indexes: Record<
    string,
    {
      column: string;
      national?: 'number' | 'resident_code';
      of: (fields: Fields, municipality: MunicipalityCode) => IndexCall | null;
    }
  >;
  clear: readonly string[];
  masked: (fields: Fields) => Record<string, string>;
}

export interface WriteOp {
  requestId: string;
  table: 'resident';
  kind: string;
  municipality: MunicipalityCode;
  person?: PersonId;
  findBy?: 'address_number' | 'resident_code' | 'number';
  expect?: string;
  fields: Fields;
  clear: Record<string, string | null>;
  draw?: 'number';
  reason?: string;
}

/** What became of one op. `refused` carries the error's kind and its facts; `line` is the journal line of the write. */
export interface WriteResult {
  outcome: 'created' | 'changed' | 'unchanged' | 'refused';
  person?: PersonId;
  line?: number;
  kind?: ErrorKind;
  facts?: ErrorFacts;
}

export type SearchBy =
  | { number: string }
  | { reading: string; birthDate: string }
  | { address: string }
  | { addressNumber: string };

export interface Hit {
  person: PersonId;
  masked: Record<string, string>;
  status: string;
}

/** A row that is not as its journal line says, as the gate reports it. */
export interface RecordFinding {
  person: PersonId | null;
  reason: string;
  line?: number | null;
}

/** The part of the gate that the register uses. */
export interface RegisterGate {
  search(i: {
    session: string;
    caseId: string;
    by: SearchBy;
    limit?: number;
  }): Promise<{ hits: Hit[]; line: number }>;
  open(i: {
    session: string;
    caseId: string;
    person: PersonId;
    groups: string[];
    grant?: string;
  }): Promise<{ fields: Fields; receipt: unknown }>;
  write(i: { session: string; caseId?: string; importId?: string; ops: WriteOp[] }): Promise<WriteResult[]>;
  history(i: {
    session: string;
    caseId?: string;
    person: PersonId;
    limit?: number;
    before?: number;
  }): Promise<unknown>;
  verifyRecords(i: { session: string }): AsyncIterable<RecordFinding>;
}
