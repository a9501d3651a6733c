import type { Gate } from '../../core/gate/index.ts';
import type { LogKeys } from './log-keys.ts';
import type { PortalSignInGate } from './portal-sign-in.ts';

/** What the portal asks of the gate: signing in, and a resident's own operations. */
export type PortalGate = PortalSignInGate &
  Pick<
    Gate,
    | 'me'
    | 'openOwn'
    | 'household'
    | 'ownHistory'
    | 'contest'
    | 'ownContests'
    | 'lockLookUps'
    | 'unlockLookUps'
  >;

/** Everything the portal's handlers reach for. */
export interface PortalPorts {
  gate: PortalGate;
  /** As the house was made, not as the gate says today: the one thing that a page takes on trust. */
  keys: readonly LogKeys[];
}
