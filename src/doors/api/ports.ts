import type { Gate, Statute } from '../../core/gate/index.ts';
import type { Clock } from '../../ground/clock.ts';
import type { MunicipalityCode } from '../../ground/ids.ts';
import type { Log } from '../../ground/log.ts';
import type { Randomness } from '../../ground/randomness.ts';
import type { RegisterService, RegisterStore } from '../../records/register/index.ts';
import type { SiteOptions } from './browser-door.ts';

/** What the API asks of the gate, in process (`GateService`) or over mutual TLS (`GateClient`). */
export type GatePort = Omit<
  Gate,
  | 'markHoney'
  | 'honey'
  | 'portalPasskeyOptions'
  | 'enrolPortalPasskey'
  | 'signInAtPortal'
  | 'portalSession'
  | 'signOutOfPortal'
  | 'enterPortal'
  | 'issueSignInLink'
>;

/** The register of one municipality: the service that desks call, and the store its imports are kept in. */
export interface RegisterDesk {
  service: RegisterService;
  store: RegisterStore;
}

/** Everything the handlers reach for. */
export interface ApiPorts {
  gate: GatePort;
  /** By municipality. */
  registers: ReadonlyMap<MunicipalityCode, RegisterDesk>;
  /** Folder with the mirror of each municipality's log: `<folder>/131016/checkpoint` … */
  journalFolder: string;
  /** Where uploads lie, sealed under a key of this process's memory, while they are imported. Exists, owner-only. */
  uploadFolder: string;
  /** The rows of the statute table (`readStatuteTable().statutes`). */
  statutes: readonly Statute[];
  clock: Clock;
  randomness: Randomness;
  log: Log;
  /** The desk's site. Without it there is only the API, with bearers. */
  site?: SiteOptions;
  /** Resolves when gate and database answer. */
  ready(): Promise<void>;
}
