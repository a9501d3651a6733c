import { createPrivateKey, createPublicKey } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { GateClient, type Role, signNonce } from '../core/gate/index.ts';
import { isSekishoError } from '../ground/errors.ts';
import type { MunicipalityCode } from '../ground/ids.ts';
import type { Randomness } from '../ground/randomness.ts';
import { demoStaff, makeDemoStaff } from './demo-staff.ts';
import type { HouseLayout } from './layout.ts';
import { type HouseSettings, readJson, tlsFile, writeJson } from './settings.ts';

const staffFile = z.strictObject({
  staff: z.string(),
  terminal: z.string(),
  privateKeyPem: z.string(),
  pin: z.string(),
});

/**
 * Enrols the demonstration's people: the administrator first and without a session, as the gate allows while a municipality has
 * nobody; he then enrols the others. Run again after a start that was cut short, it goes on where it stopped.
 */
export async function enrolDemoStaff(
  layout: HouseLayout,
  settings: HouseSettings,
  gateUrl: string,
  randomness: Randomness,
): Promise<void> {
  const done = join(layout.staff, 'enrolled');
  if (existsSync(done)) return;
  const tls = await readJson(layout.tls('cli-admin'), 'certificate', tlsFile);
  const gate = new GateClient({ url: gateUrl, tls });
  const municipality = settings.municipalities[0]!.code as MunicipalityCode;
  try {
    const administrator = demoStaff.find(({ role }) => role === 'administrator')!;
    const others = demoStaff.filter((member) => member !== administrator);
    const file = join(layout.staff, `${administrator.name}.json`);
    // A start that was cut short after the administrator's enrolment: from then on the gate asks for his session.
    let session = existsSync(file) ? await signInIfEnrolled(gate, file) : undefined;
    for (const member of [administrator, ...others]) {
      const memberFile = join(layout.staff, `${member.name}.json`);
      const { publicKey, pin } = existsSync(memberFile)
        ? await readEnrolment(memberFile)
        : await makeDemoStaff(layout, member, randomness);
      const { staff, role, office, terminal } = member;
      const within = session === undefined ? {} : { session };
      await unlessThere(() => gate.enrolTerminal({ ...within, municipality, terminal, office }));
      await unlessThere(() =>
        gate.enrolStaff({ ...within, municipality, staff, role: role as Role, office, publicKey, pin }),
      );
      session ??= await signIn(gate, file);
    }
    if (session !== undefined) await gate.signOut({ session });
    await writeJson(done, {});
  } finally {
    await gate.close();
  }
}

/** What a sign-in file made by an earlier, interrupted start tells the gate. */
async function readEnrolment(file: string): Promise<{ publicKey: string; pin: string }> {
  const { privateKeyPem, pin } = await readJson(file, 'staff-file', staffFile);
  const der = createPublicKey(createPrivateKey(privateKeyPem)).export({ format: 'der', type: 'spki' });
  return { publicKey: der.subarray(-32).toString('base64'), pin };
}

/** Signs in with a person's file; the nonce's signature and the PIN are the two factors. */
async function signIn(gate: GateClient, file: string): Promise<string> {
  const key = await readJson(file, 'staff-file', staffFile);
  const { nonce } = await gate.challenge({ staff: key.staff });
  const signature = signNonce(createPrivateKey(key.privateKeyPem), nonce);
  const { staff, terminal, pin } = key;
  return (await gate.signIn({ staff, terminal, nonce, signature, pin })).session;
}

/** Undefined where the gate does not know the person yet. */
async function signInIfEnrolled(gate: GateClient, file: string): Promise<string | undefined> {
  try {
    return await signIn(gate, file);
  } catch (error) {
    if (isSekishoError(error, 'sign-in-failed')) return undefined;
    throw error;
  }
}

async function unlessThere(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isSekishoError(error, 'already-exists')) throw error;
  }
}
