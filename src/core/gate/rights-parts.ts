import type pg from 'pg';
import type { Clock } from '../../ground/clock.ts';
import type { MunicipalityCode } from '../../ground/ids.ts';
import type { Randomness } from '../../ground/randomness.ts';
import type { KeyStore, PersonKeys } from '../seal/index.ts';
import { ContestDesk } from './contest-desk.ts';
import { ContestStore } from './contest-store.ts';
import { DeskLists } from './desk-lists.ts';
import type { DisclosureParts } from './disclosure.ts';
import type { GateJournal } from './journal-port.ts';
import { JournalReading } from './journal-reading.ts';
import { JournalVerification } from './journal-verification.ts';
import { OwnContests } from './own-contests.ts';
import { OwnRecord } from './own-record.ts';
import { Passkeys } from './passkeys.ts';
import type { PersonalHistory } from './personal-history.ts';
import type { RecordStore } from './record-store.ts';
import { ResidentActs } from './resident-acts.ts';
import { ResidentDesk } from './resident-desk.ts';
import type { ResidentSessions } from './resident-sessions.ts';
import type { RowMacs } from './row-mac.ts';
import type { Staff } from './staff.ts';
import type { Terminals } from './terminals.ts';

export interface RightsOptions extends Omit<DisclosureParts, 'journalOf'> {
  pool: pg.Pool;
  store: KeyStore;
  keys: PersonKeys;
  macs: RowMacs;
  staff: Staff;
  terminals: Terminals;
  records: RecordStore;
  residents: ResidentSessions;
  personal: PersonalHistory;
  clock: Clock;
  randomness: Randomness;
  journals: ReadonlyMap<MunicipalityCode, GateJournal>;
  /** @throws not-found where this gate does not serve it */
  journal: (municipality: MunicipalityCode) => GateJournal;
  ofSession: DisclosureParts['journalOf'];
}

/** What `Rights` is made of, wired once. */
export function assembleRights(o: RightsOptions) {
  const find = (municipality: MunicipalityCode) => o.journals.get(municipality);
  const acts = new ResidentActs({ ...o, journalOf: find });
  const contests = new ContestStore(o);
  const atDesk = { ...o, journalOf: o.ofSession, contests };
  return {
    lists: new DeskLists({ ...o, passkeys: new Passkeys(o.pool, o.macs) }),
    reading: new JournalReading(atDesk),
    verification: new JournalVerification(o),
    contestDesk: new ContestDesk(atDesk),
    ownContests: new OwnContests({ ...o, acts, contests, journalOf: find }),
    ownRecord: new OwnRecord({ ...o, acts }),
    residentDesk: new ResidentDesk({ ...o, acts, journalOf: o.journal }),
  };
}
