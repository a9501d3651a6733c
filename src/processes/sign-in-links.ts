import { GateClient } from '../core/gate/index.ts';
import { openPool } from '../ground/database/index.ts';
import type { MunicipalityCode, PersonId } from '../ground/ids.ts';
import { demoStaff } from './demo-staff.ts';
import type { HouseDatabase } from './house-database.ts';
import type { HouseLayout } from './layout.ts';
import { readJson, tlsFile } from './settings.ts';

/** An address that signs one of the demonstration's people in, once. */
export interface SignInLink {
  name: string;
  role: string;
  url: string;
  expiresAt: number;
}

/** Those with something to do on the screens. */
const linked = ['clerk', 'supervisor', 'registrar', 'officer', 'administrator'];

/**
 * Links for a look around the demonstration: a member of staff of each role, and a resident where there is one.
 * @throws unsupported where the gate is one of production
 */
export async function makeSignInLinks(o: {
  layout: HouseLayout;
  gateUrl: string;
  database: HouseDatabase;
  municipality: MunicipalityCode;
}): Promise<SignInLink[]> {
  const { municipality } = o;
  const tls = await readJson(o.layout.tls('cli-admin'), 'certificate', tlsFile);
  const gate = new GateClient({ url: o.gateUrl, tls });
  try {
    const links: SignInLink[] = [];
    for (const { name, role, staff, terminal } of demoStaff) {
      if (!linked.includes(name)) continue;
      const { url, expiresAt } = await gate.issueSignInLink({ municipality, staff, terminal });
      links.push({ name, role, url, expiresAt });
    }
    const person = await anybody(o.database, municipality);
    if (person === undefined) return links;
    const { url, expiresAt } = await gate.issueSignInLink({ municipality, person });
    return [...links, { name: 'resident', role: 'resident', url, expiresAt }];
  } finally {
    await gate.close();
  }
}

/** The first who lives there; who that is only the gate could tell. */
async function anybody(
  database: HouseDatabase,
  municipality: MunicipalityCode,
): Promise<PersonId | undefined> {
  const pool = openPool(database.connection('office'), { max: 1, name: 'sign-in-links' });
  try {
    const { rows } = await pool.query<{ person_id: PersonId }>(
      `SELECT person_id FROM register.resident WHERE municipality_code = $1 AND status = 'resident'
       ORDER BY person_id LIMIT 1`,
      [municipality],
    );
    return rows[0]?.person_id;
  } finally {
    await pool.end();
  }
}
