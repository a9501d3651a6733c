import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import type { Randomness } from '../ground/randomness.ts';
import { uniformInteger } from '../ground/randomness.ts';
import type { HouseLayout } from './layout.ts';
import { writeJson } from './settings.ts';

/**
 * The invented people of the demonstration; each file name is what `--as` takes. The officer comes after the supervisors: once
 * he is there, whoever approves is enrolled by two.
 */
export const demoStaff = [
  { name: 'clerk', staff: 'demo-clerk', role: 'clerk', office: 'resident-desk', terminal: 'desk-1' },
  {
    name: 'registrar',
    staff: 'demo-registrar',
    role: 'registrar',
    office: 'resident-desk',
    terminal: 'desk-2',
  },
  {
    name: 'supervisor',
    staff: 'demo-supervisor',
    role: 'supervisor',
    office: 'resident-desk',
    terminal: 'desk-3',
  },
  // Two of them: whoever asks for a bulk grant may not approve it himself.
  {
    name: 'supervisor-2',
    staff: 'demo-supervisor-2',
    role: 'supervisor',
    office: 'resident-desk',
    terminal: 'desk-4',
  },
  { name: 'officer', staff: 'demo-officer', role: 'officer', office: 'security', terminal: 'security-1' },
  {
    name: 'administrator',
    staff: 'demo-administrator',
    role: 'administrator',
    office: 'security',
    terminal: 'security-2',
  },
] as const;

export type DemoStaff = (typeof demoStaff)[number];

/** What the gate is told of a new member of staff; his private key never leaves his file. */
export interface Enrolment {
  staff: string;
  role: string;
  office: string;
  terminal: string;
  /** Ed25519, 32 raw bytes, base64. */
  publicKey: string;
  pin: string;
}

/** Draws key and PIN of one invented person and writes his sign-in file (owner-only). */
export async function makeDemoStaff(
  layout: HouseLayout,
  member: DemoStaff,
  randomness: Randomness,
): Promise<Enrolment> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const pin = String(uniformInteger(randomness, 1_000_000)).padStart(6, '0');
  await writeJson(join(layout.staff, `${member.name}.json`), {
    staff: member.staff,
    terminal: member.terminal,
    privateKeyPem: privateKey.export({ format: 'pem', type: 'pkcs8' }),
    pin,
  });
  return {
    staff: member.staff,
    role: member.role,
    office: member.office,
    terminal: member.terminal,
    publicKey: publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64'),
    pin,
  };
}
