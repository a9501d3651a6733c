import type { Clock } from '../../ground/clock.ts';
import type { Log } from '../../ground/log.ts';
import type { Randomness } from '../../ground/randomness.ts';
import { InvitationDesk, type InvitationDeskParts } from './invitation-desk.ts';
import { Invitations } from './invitations.ts';
import { PasskeyChallenges } from './passkey-challenges.ts';
import { PasskeySignIn, type PasskeySignInParts } from './passkey-sign-in.ts';
import { Passkeys } from './passkeys.ts';
import type { RowMacs } from './row-mac.ts';
import type { GateOptions } from './service.ts';
import { type SiteOrigins, siteIdentities } from './sites.ts';
import { TerminalSecrets } from './terminal-secrets.ts';

/** What the gate is told of its two sites. */
export interface SignInOptions {
  /** Without them nobody signs in with a browser. */
  sites?: SiteOrigins;
  /** The demonstration's links that sign in once. Never in production. */
  signInLinks?: boolean;
}

type Made = 'sites' | 'links' | 'passkeys' | 'challenges' | 'invitations' | 'secrets' | 'municipalities';

interface Seen {
  macs: RowMacs;
  randomness: Randomness;
  log: Log;
  latest: Clock;
}

/** The parts of signing in with a browser, wired once. */
export function assemblePasskeys(
  o: GateOptions,
  common: Omit<PasskeySignInParts & InvitationDeskParts, Made> & Seen,
) {
  const { municipalities } = o;
  const { pool, store, macs, randomness, latest: clock } = common;
  const secrets = new TerminalSecrets({ pool, macs, randomness, terminals: common.terminals });
  const parts = {
    ...common,
    ...{ municipalities, secrets },
    sites: o.sites === undefined ? undefined : siteIdentities(o.sites),
    links: o.signInLinks ?? false,
    passkeys: new Passkeys(pool, macs),
    challenges: new PasskeyChallenges(clock, randomness),
    invitations: new Invitations({ pool, store, macs, clock, randomness }),
  };
  return { secrets, passkeySignIn: new PasskeySignIn(parts), invitationDesk: new InvitationDesk(parts) };
}
