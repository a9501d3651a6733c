import { join } from 'node:path';
import { z } from 'zod';
import { GateClient, signNonce } from '../../core/gate/index.ts';
import { SekishoError } from '../../ground/errors.ts';
import type { MunicipalityCode } from '../../ground/ids.ts';
import { readPrivateFile } from '../../ground/private-file.ts';
import type { Cli } from './cli.ts';
import { UsageError } from './exit-codes.ts';
import { dataFolder, gateUrl, municipalities, readStaffKey } from './house.ts';
import { pinOf, privateKeyOf } from './office.ts';

const tls = z.strictObject({ key: z.string(), cert: z.string(), ca: z.string() });

export interface AdministrationDesk {
  gate: GateClient;
  session: string;
  municipality: MunicipalityCode;
}

/**
 * Signs in at the gate itself, with the certificate `cli-admin` of the data folder, and runs `work`. Enrolment goes this way alone
 * (core/gate/callers.json): an office that was taken over must not be able to make itself a colleague.
 * @throws keystore-missing, keystore-unsafe for the certificate; unreachable where no house runs
 */
export async function atGate<T>(cli: Cli, work: (desk: AdministrationDesk) => Promise<T>): Promise<T> {
  const name = cli.options.as ?? cli.terminal.env['SEKISHO_AS'];
  if (name === undefined) {
    throw new UsageError({ ja: '--as で職員を示してください', en: 'say who signs in: --as NAME' });
  }
  const key = readStaffKey(cli, name);
  const privateKey = privateKeyOf(key);
  const municipality = municipalities(cli)[0] as MunicipalityCode;
  const gate = new GateClient({ url: gateUrl(cli), tls: await certificate(cli) });
  try {
    const { staff, terminal } = key;
    const { nonce } = await gate.challenge({ staff });
    const signature = signNonce(privateKey, nonce);
    const { session } = await gate.signIn({ staff, terminal, nonce, signature, pin: await pinOf(cli, key) });
    try {
      return await work({ gate, session, municipality });
    } finally {
      await gate.signOut({ session }).catch(() => undefined);
    }
  } finally {
    await gate.close();
  }
}

async function certificate(cli: Cli): Promise<z.infer<typeof tls>> {
  const file = join(dataFolder(cli), 'secrets', 'tls-cli-admin.json');
  const text = await readPrivateFile(file, 'certificate');
  try {
    return tls.parse(JSON.parse(text));
  } catch {
    // The parser's message would quote a private key.
    throw new SekishoError('config-invalid', { file, reason: 'format' });
  }
}
