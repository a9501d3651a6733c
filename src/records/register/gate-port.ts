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
  kind?: string;
  facts?: Record<string, unknown>;
}
