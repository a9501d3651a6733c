import type { Gate } from '../../core/gate/index.ts';

/** The part of the gate that the register uses: in process or over mutual TLS, the same to it. */
export type RegisterGate = Pick<Gate, 'search' | 'open' | 'write' | 'history' | 'verifyRecords'>;
export type ImportGate = Pick<Gate, 'write' | 'noteImport'>;
export type {
  Fields,
  Finding,
  IndexCall,
  SealedTable,
  SearchBy,
  WriteOp,
  WriteResult,
} from '../../core/gate/index.ts';
