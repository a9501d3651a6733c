import { SekishoError } from '../../ground/errors.ts';
import type { MunicipalityCode } from '../../ground/ids.ts';
import { Imports } from './imports.ts';
import { MirrorJournals } from './mirror-journals.ts';
import type { ApiPorts, RegisterDesk } from './ports.ts';
import { runImport } from './run-import.ts';
import { ServedLogs } from './served-logs.ts';
import { KnownSessions } from './sessions.ts';

/** The ports with what this room keeps itself: what every handler is given. */
export interface Office extends ApiPorts {
  readonly sessions: KnownSessions;
  readonly imports: Imports;
  readonly journals: MirrorJournals;
  readonly servedLogs: ServedLogs;
  /** The register of the municipality of a session. @throws session-invalid where that can't be told */
  deskOf(session: string): RegisterDesk;
  /** Who signed in, as this office passed it on. @throws session-invalid */
  staffOf(session: string): string;
}

export function openOffice(ports: ApiPorts): Office {
  const sessions = new KnownSessions(ports.clock);
  const { clock, randomness, log } = ports;
  const known = (session: string) => {
    const found = sessions.find(session);
    if (found === undefined) throw new SekishoError('session-invalid', { reason: 'unknown' });
    return found;
  };
  return {
    ...ports,
    sessions,
    journals: new MirrorJournals(ports.journalFolder, [...ports.registers.keys()]),
    servedLogs: new ServedLogs(ports.journalFolder),
    imports: new Imports({ run: runImport(ports), folder: ports.uploadFolder, clock, randomness, log }),
    staffOf: (session) => known(session).staff,
    deskOf(session) {
      const only = ports.registers.size === 1 ? [...ports.registers.values()][0] : undefined;
      const desk = only ?? ports.registers.get((known(session).municipality ?? '') as MunicipalityCode);
      if (desk === undefined) throw new SekishoError('session-invalid', { reason: 'municipality' });
      return desk;
    },
  };
}
