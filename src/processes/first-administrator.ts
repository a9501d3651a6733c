import { GateClient, pinMinimumCharacters } from '../core/gate/index.ts';
import { isSekishoError, SekishoError } from '../ground/errors.ts';
import type { MunicipalityCode } from '../ground/ids.ts';
import { houseLayout } from './layout.ts';
import { readJson, tlsFile } from './settings.ts';

export { pinMinimumCharacters };

export interface FirstAdministrator {
  /** Data folder: the certificate `cli-admin` lies in its secrets. */
  folder: string;
  /** `https://…` of the gate. */
  gateUrl: string;
  municipality: string;
  staff: string;
  office: string;
  terminal: string;
  /** Ed25519, 32 raw bytes, base64. */
  publicKey: string;
  pin: string;
}

/**
 * Enrols the first administrator of a municipality and the terminal he signs in at: without a session, as the gate allows while nobody has
 * ever been enrolled there. Cut short between terminal and administrator, it is simply run again.
 * Errors: already-exists {what: 'staff', reason: 'not-the-first'}; those of the gate.
 */
export async function enrolFirstAdministrator(first: FirstAdministrator): Promise<void> {
  const tls = await readJson(houseLayout(first.folder).tls('cli-admin'), 'certificate', tlsFile);
  if (!first.gateUrl.startsWith('https://'))
    throw new SekishoError('config-invalid', { key: 'gate', reason: 'https' });
  // Not just any process of the house: a PIN is sent.
  const gate = new GateClient({ url: first.gateUrl, tls, peer: 'gate' });
  const { staff, office, terminal, publicKey, pin } = first;
  const municipality = first.municipality as MunicipalityCode;
  try {
    await gate.enrolTerminal({ municipality, terminal, office }).catch((error: unknown) => {
      if (!isSekishoError(error, 'already-exists')) throw error;
    });
    await gate.enrolStaff({ municipality, staff, role: 'administrator', office, publicKey, pin });
  } catch (error) {
    // The gate asks for a session: there is somebody who has one.
    if (isSekishoError(error, 'session-invalid'))
      throw new SekishoError('already-exists', { what: 'staff', reason: 'not-the-first' }, { cause: error });
    throw error;
  } finally {
    await gate.close();
  }
}
