import type pg from 'pg';
import { SekishoError } from '../../ground/errors.ts';
import type { MunicipalityCode, PersonId } from '../../ground/ids.ts';
import type { KeyStore } from '../seal/index.ts';
import type { Authority } from './authority.ts';
import type { Invitation, Invitations, InvitationTarget } from './invitations.ts';
import type { GateJournal } from './journal-port.ts';
import { actorOf } from './lines.ts';
import type { ChallengeUse, PasskeyChallenges } from './passkey-challenges.ts';
import type {
  DeskEntered,
  DeskSignedIn,
  DeskState,
  EnrolPasskeyInput,
  PasskeyOptions,
  PasskeyOptionsInput,
  ResidentSignedIn,
  ResidentState,
} from './passkey-gate.ts';
import { type Holder, type Passkey, type Passkeys, passkeyRef } from './passkeys.ts';
import type { Refusals } from './refusals.ts';
import type { LiveSession, StoredResidentSessions } from './resident-sessions.ts';
import { absoluteMs, idleMs, type Session, type Sessions } from './sessions.ts';
import type { SiteIdentity, SiteName } from './sites.ts';
import type { Staff, StaffMember } from './staff.ts';
import type { StrangerLines } from './stranger-lines.ts';
import type { TerminalSecrets } from './terminal-secrets.ts';
import type { Terminal, Terminals } from './terminals.ts';
import {
  type AuthenticationResponseJSON,
  answeredChallenge,
  creationOptions,
  requestOptions,
  signInFailed,
  verifyAnswered,
  verifyMade,
} from './webauthn.ts';

export interface PasskeySignInParts {
  sites: Readonly<Record<SiteName, SiteIdentity>> | undefined;
  /** Whether sign-in links hold here: in the demonstration. */
  links: boolean;
  pool: pg.Pool;
  store: KeyStore;
  municipalities: readonly MunicipalityCode[];
  sessions: Sessions;
  residents: StoredResidentSessions;
  staff: Staff;
  terminals: Terminals;
  secrets: TerminalSecrets;
  passkeys: Passkeys;
  challenges: PasskeyChallenges;
  invitations: Invitations;
  authority: Authority;
  refusals: Refusals;
  strangers: StrangerLines;
  journalOf: (municipality: MunicipalityCode) => GateJournal;
  now: () => number;
}

type By = 'passkey' | 'link';

/** What is known of who knocks, for the line of a refusal. */
interface Knocking {
  municipality?: MunicipalityCode;
  staff?: string;
  person?: PersonId;
}

/** How a resident stands in a line of his own doing. */
const residentActor = ({ ref }: { ref: string }, caller: string): Record<string, unknown> => ({
  ...{ actor: 'self', role: 'resident', office: 'portal', session: ref, caller },
});

/** Signing in with a passkey, at the desk and at the portal. Every way in, and every one refused, is a line. */
export class PasskeySignIn {
  readonly #parts: PasskeySignInParts;

  constructor(parts: PasskeySignInParts) {
    this.#parts = parts;
  }

  #site(site: SiteName): SiteIdentity {
    const found = this.#parts.sites?.[site];
    if (found === undefined) throw new SekishoError('unsupported', { what: 'passkeys', reason: 'no-sites' });
    return found;
  }

  async options(site: SiteName, input: PasskeyOptionsInput, caller: string): Promise<PasskeyOptions> {
    const { challenges, passkeys, sessions } = this.#parts;
    const identity = this.#site(site);
    if (input.for === 'enrol') return await this.#enrolOptions(identity, input.invitation, caller);
    if (input.for === 'sign-in') {
      const challenge = challenges.draw({ use: `${site}/sign-in`, bound: '' });
      return { options: await requestOptions(identity, { challenge }) };
    }
    let session: Session | undefined;
    try {
      session = sessions.get(input.session);
      const holder = deskHolder(session.member);
      const allow = (await passkeys.of(holder)).map(({ id }) => id);
      // Without one there is nothing that could be shown again: he signs in anew.
      if (allow.length === 0) throw new SekishoError('second-factor-required', { reason: 'no-passkey' });
      const challenge = challenges.draw({ use: 'desk/step-up', bound: session.ref });
      return { options: await requestOptions(identity, { challenge, allow }) };
    } catch (error) {
      const body = { operation: 'step-up' };
      throw await this.#parts.refusals.note('request.refused', error, { session, caller, body });
    }
  }

  async #enrolOptions(site: SiteIdentity, typed: string, caller: string): Promise<PasskeyOptions> {
    const { challenges, passkeys } = this.#parts;
    try {
      const invitation = await this.#invitation(typed, [site.site === 'desk' ? 'staff' : 'resident']);
      const holder = holderOf(invitation);
      const exclude = (await passkeys.requireRoom(holder)).map(({ id }) => id);
      const challenge = challenges.draw(enrolmentOf(site.site, invitation));
      // What a device shows in its list of passkeys: of a resident nothing that tells who he is.
      const userName = holder.site === 'desk' ? holder.staff : `portal ${holder.municipality}`;
      const userHandle = await this.#userHandle(holder);
      return { options: await creationOptions(site, { challenge, userHandle, userName, exclude }) };
    } catch (error) {
      throw await this.#refused('request.refused', error, caller, {}, { operation: 'enrol-passkey' });
    }
  }

  /** A passkey made with a code. It shows both factors, so it signs in at once where the place is known. */
  async enrolAtDesk(
    input: EnrolPasskeyInput & { terminalSecret?: string | undefined },
    caller: string,
  ): Promise<{ signedIn?: DeskSignedIn }> {
    const passkey = await this.#enrol('desk', input, caller);
    const { holder } = passkey;
    const member = holder.site === 'desk' ? this.#parts.staff.find(holder.staff) : undefined;
    const terminal = this.#parts.secrets.find(input.terminalSecret ?? '');
    if (member === undefined || !fits(member, terminal)) return {};
    return { signedIn: await this.#openDesk(member, terminal, 'passkey', caller) };
  }

  async enrolAtPortal(input: EnrolPasskeyInput, caller: string): Promise<{ signedIn: ResidentSignedIn }> {
    const { holder } = await this.#enrol('portal', input, caller);
    if (holder.site !== 'portal') throw signInFailed('site');
    return { signedIn: await this.#openPortal(holder, 'passkey', caller) };
  }

  async #enrol(site: SiteName, input: EnrolPasskeyInput, caller: string): Promise<Passkey> {
    const { passkeys, invitations, challenges, staff, now } = this.#parts;
    const identity = this.#site(site);
    let knocking: Knocking = {};
    try {
      const invitation = await this.#invitation(input.invitation, [site === 'desk' ? 'staff' : 'resident']);
      const holder = holderOf(invitation);
      knocking = knockingOf(holder);
      const challenge = answeredChallenge(input.response.response.clientDataJSON);
      if (!challenges.take(challenge, enrolmentOf(site, invitation))) throw signInFailed('challenge');
      if (holder.site === 'desk') requireActive(staff.find(holder.staff));
      await passkeys.requireRoom(holder);
      const made = await verifyMade(identity, challenge, input.response);
      const passkey: Passkey = { ...made, holder, enrolledAt: now() };
      const body = {
        ...{ caller, site, credential: passkeyRef(made.id), outcome: 'done' },
        ...(holder.site === 'desk'
          ? { actor: holder.staff, staff: holder.staff }
          : { actor: 'self', role: 'resident', office: 'portal' }),
      };
      const person = holder.site === 'portal' ? { person: holder.person } : {};
      await this.#parts.journalOf(holder.municipality).append({
        lines: [{ kind: 'passkey.enrolled', ...person, body }],
        within: async (tx) => {
          await invitations.consume(tx, invitation);
          await passkeys.insert(tx, passkey);
        },
      });
      return passkey;
    } catch (error) {
      throw await this.#refused('request.refused', error, caller, knocking, { operation: 'enrol-passkey' });
    }
  }

  async signInAtDesk(
    input: { response: AuthenticationResponseJSON; terminalSecret: string },
    caller: string,
  ): Promise<DeskSignedIn> {
    let knocking: Knocking = {};
    try {
      const answer = await this.#answered(
        'desk',
        input.response,
        { use: 'desk/sign-in', bound: '' },
        (found) => {
          knocking = knockingOf(found);
        },
      );
      const { holder } = answer.passkey;
      const member = requireActive(holder.site === 'desk' ? this.#parts.staff.find(holder.staff) : undefined);
      const terminal = this.#parts.secrets.find(input.terminalSecret);
      if (!fits(member, terminal)) throw signInFailed('terminal');
      return await this.#openDesk(member, terminal, 'passkey', caller, answer.store);
    } catch (error) {
      throw await this.#refused('session.refused', error, caller, knocking);
    }
  }

  async signInAtPortal(
    input: { response: AuthenticationResponseJSON },
    caller: string,
  ): Promise<ResidentSignedIn> {
    let knocking: Knocking = {};
    try {
      const use = { use: 'portal/sign-in', bound: '' } as const;
      const { passkey, store } = await this.#answered('portal', input.response, use, (found) => {
        knocking = knockingOf(found);
      });
      if (passkey.holder.site !== 'portal') throw signInFailed('site');
      return await this.#openPortal(passkey.holder, 'passkey', caller, store);
    } catch (error) {
      throw await this.#refused('session.refused', error, caller, knocking);
    }
  }

  async stepUp(
    input: { session: string; response: AuthenticationResponseJSON },
    caller: string,
  ): Promise<{ freshUntil: number }> {
    const { sessions, authority, now } = this.#parts;
    let session: Session | undefined;
    try {
      session = sessions.get(input.session);
      const { member } = session;
      const use = { use: 'desk/step-up', bound: session.ref } as const;
      const { passkey, store } = await this.#answered('desk', input.response, use, () => {});
      const { holder } = passkey;
      if (
        holder.site !== 'desk' ||
        holder.staff !== member.staffId ||
        holder.municipality !== member.municipality
      )
        throw signInFailed('holder');
      requireActive(member);
      await this.#parts.journalOf(member.municipality).append({
        lines: [{ kind: 'session.stepped-up', body: { ...actorOf(session, caller), outcome: 'done' } }],
        within: store,
      });
      session.freshAt = now();
      return { freshUntil: authority.freshUntil(session) };
    } catch (error) {
      const body = { operation: 'step-up' };
      throw await this.#parts.refusals.note('request.refused', error, {
        session,
        caller,
        body,
      });
    }
  }

  async deskSession(input: { session: string }, caller: string): Promise<DeskState> {
    try {
      return this.#deskState(this.#parts.sessions.get(input.session));
    } catch (error) {
      throw await this.#refused('request.refused', error, caller, {}, { operation: 'session' });
    }
  }

  async portalSession(input: { session: string }, caller: string): Promise<ResidentState> {
    try {
      return residentState(this.#parts.residents.require(input.session));
    } catch (error) {
      throw await this.#refused('request.refused', error, caller, {}, { operation: 'session' });
    }
  }

  async signOutOfPortal(input: { session: string }, caller: string): Promise<void> {
    const { residents } = this.#parts;
    let knocking: Knocking = {};
    try {
      const live = residents.require(input.session);
      knocking = { municipality: live.municipality, person: live.person };
      await residents.end(input.session);
      const body = { ...residentActor(live, caller), outcome: 'closed' };
      await this.#parts.journalOf(live.municipality).append({
        lines: [{ kind: 'session.closed', person: live.person, body }],
      });
    } catch (error) {
      throw await this.#refused('request.refused', error, caller, knocking, { operation: 'sign-out' });
    }
  }

  /** A browser becomes a terminal; with a sign-in link somebody is signed in at it, too. */
  async enterDesk(input: { code: string }, caller: string): Promise<DeskEntered> {
    const { terminals, secrets, staff, now } = this.#parts;
    this.#site('desk');
    let knocking: Knocking = {};
    try {
      const targets: InvitationTarget[] = this.#parts.links ? ['terminal', 'staff-link'] : ['terminal'];
      const invitation = await this.#invitation(input.code, targets);
      const { invited, municipality } = invitation;
      if (invited.target !== 'terminal' && invited.target !== 'staff-link')
        throw signInFailed('code-unknown');
      knocking = { municipality, ...(invited.target === 'staff-link' ? { staff: invited.staff } : {}) };
      const terminal = terminals.find(municipality, invited.terminal);
      const member = invited.target === 'staff-link' ? requireActive(staff.find(invited.staff)) : undefined;
      if (terminal?.state !== 'active') throw signInFailed('terminal');
      const { secret, bound } = secrets.draw(terminal, now());
      const body = { caller, bound: terminal.terminalId, office: terminal.office, outcome: 'done' };
      await this.#parts.journalOf(municipality).append({
        lines: [{ kind: 'terminal.bound', body }],
        within: async (tx) => {
          await this.#parts.invitations.consume(tx, invitation);
          await secrets.store(tx, bound);
        },
      });
      secrets.add(bound);
      const entered = { terminal: terminal.terminalId, terminalSecret: secret };
      if (member === undefined) return entered;
      return { ...entered, signedIn: await this.#openDesk(member, terminal, 'link', caller) };
    } catch (error) {
      throw await this.#refused('request.refused', error, caller, knocking, { operation: 'enter' });
    }
  }

  async enterPortal(input: { code: string }, caller: string): Promise<{ signedIn: ResidentSignedIn }> {
    this.#site('portal');
    let knocking: Knocking = {};
    try {
      if (!this.#parts.links) throw signInFailed('code-unknown');
      const invitation = await this.#invitation(input.code, ['resident-link']);
      const holder = holderOf(invitation);
      knocking = knockingOf(holder);
      if (holder.site !== 'portal') throw signInFailed('code-unknown');
      const consume = (tx: pg.PoolClient) => this.#parts.invitations.consume(tx, invitation);
      return { signedIn: await this.#openPortal(holder, 'link', caller, consume) };
    } catch (error) {
      throw await this.#refused('request.refused', error, caller, knocking, { operation: 'enter' });
    }
  }

  #invitation(typed: string, targets: readonly InvitationTarget[]): Promise<Invitation> {
    return this.#parts.invitations.check(typed, this.#parts.municipalities, targets);
  }

  /** Checks an answer but for its count, which `store` does within the transaction of the line. */
  async #answered(
    site: SiteName,
    response: AuthenticationResponseJSON,
    use: ChallengeUse,
    onFound: (holder: Holder) => void,
  ): Promise<{ passkey: Passkey; store: (tx: pg.PoolClient) => Promise<void> }> {
    const { challenges, passkeys, municipalities } = this.#parts;
    const identity = this.#site(site);
    const challenge = answeredChallenge(response.response.clientDataJSON);
    // Taken before anything is looked at: it is used up whatever comes of the answer.
    if (!challenges.take(challenge, use)) throw signInFailed('challenge');
    const passkey = await passkeys.find(site, municipalities, Buffer.from(response.rawId, 'base64url'));
    if (passkey === undefined) throw signInFailed('unknown');
    const { userHandle } = response.response;
    const own = (await this.#userHandle(passkey.holder)).toString('base64url');
    if (userHandle !== undefined && userHandle !== own) throw signInFailed('holder');
    onFound(passkey.holder);
    const signCount = await verifyAnswered(identity, challenge, response, passkey);
    return { passkey, store: (tx) => passkeys.use(tx, passkey, signCount) };
  }

  /** What a passkey says whose it is: a keyed digest, for it may be read off the device. */
  async #userHandle(holder: Holder): Promise<Buffer> {
    const name = holder.site === 'desk' ? holder.staff : holder.person;
    return await this.#parts.store.mac(`passkey-user/${holder.site}`, `${holder.municipality}/${name}`);
  }

  async #openDesk(
    member: StaffMember,
    terminal: Terminal,
    by: By,
    caller: string,
    within: (tx: pg.PoolClient) => Promise<void> = async () => {},
  ): Promise<DeskSignedIn> {
    const { sessions } = this.#parts;
    const { id, session } = sessions.draw(member, terminal);
    const expiresAt = session.startedAt + absoluteMs;
    const body = { ...actorOf(session, caller), ...factorsOf(by), expiresAt, outcome: 'opened' };
    await this.#parts.journalOf(member.municipality).append({
      lines: [{ kind: 'session.opened', body }],
      within: async (tx) => {
        await within(tx);
        await sessions.store(tx, session);
      },
    });
    sessions.add(session);
    return { ...this.#deskState(session), session: id };
  }

  async #openPortal(
    { municipality, person }: Holder & { site: 'portal' },
    by: By,
    caller: string,
    within: (tx: pg.PoolClient) => Promise<void> = async () => {},
  ): Promise<ResidentSignedIn> {
    const { residents } = this.#parts;
    const started = residents.draw({ municipality, person });
    const { expiresAt } = started;
    const body = { ...residentActor(started.live, caller), ...factorsOf(by), expiresAt, outcome: 'opened' };
    await this.#parts.journalOf(municipality).append({
      lines: [{ kind: 'session.opened', person, body }],
      within: async (tx) => {
        await within(tx);
        await residents.store(tx, started);
      },
    });
    residents.add(started);
    return { ...residentState(started.live), session: started.id };
  }

  #deskState(session: Session): DeskState {
    const { member, terminal, startedAt, usedAt } = session;
    return {
      municipality: member.municipality,
      staff: member.staffId,
      role: member.role,
      office: member.office,
      terminal: terminal.terminalId,
      startedAt,
      freshUntil: this.#parts.authority.freshUntil(session),
      idleAt: Math.min(usedAt + idleMs, startedAt + absoluteMs),
      expiresAt: startedAt + absoluteMs,
    };
  }

  /** Whoever is known, his refusal always stands in the journal: of a resident in his own history. */
  async #refused(
    kind: 'session.refused' | 'request.refused',
    error: unknown,
    caller: string,
    { municipality, staff, person }: Knocking,
    more: Record<string, unknown> = {},
  ): Promise<SekishoError> {
    const actor = staff === undefined ? {} : { actor: staff };
    const where = municipality === undefined ? {} : { municipality };
    const refused = { caller, ...where, person, body: { ...more, ...actor, ...where } };
    return await this.#parts.strangers.note(kind, error, refused, municipality !== undefined);
  }
}

/** A link is whatever its finder does with it: one factor, and the demonstration's alone. */
const factorsOf = (by: By) => ({ by, factors: by === 'passkey' ? 2 : 1 });

const deskHolder = ({ municipality, staffId }: StaffMember): Holder => ({
  ...{ site: 'desk', municipality, staff: staffId },
});

function holderOf({ municipality, invited }: Invitation): Holder {
  return 'person' in invited
    ? { site: 'portal', municipality, person: invited.person }
    : { site: 'desk', municipality, staff: 'staff' in invited ? invited.staff : '' };
}

const knockingOf = (holder: Holder): Knocking => ({
  municipality: holder.municipality,
  ...(holder.site === 'desk' ? { staff: holder.staff } : { person: holder.person }),
});

const enrolmentOf = (site: SiteName, { municipality, handle }: Invitation): ChallengeUse => ({
  ...{ use: `${site}/enrol`, bound: `${municipality}/${handle.toString('hex')}` },
});

function requireActive(member: StaffMember | undefined): StaffMember {
  // A resident's sign-in of the command line is none of the desk's.
  if (member === undefined || member.role === 'resident') throw signInFailed('unknown');
  if (member.state !== 'active') throw signInFailed(member.state);
  return member;
}

const fits = (member: StaffMember, terminal: Terminal | undefined): terminal is Terminal =>
  terminal?.state === 'active' && terminal.municipality === member.municipality;

const residentState = ({ municipality, usedAt, startedAt }: LiveSession): ResidentState => ({
  municipality,
  idleAt: Math.min(usedAt + idleMs, startedAt + absoluteMs),
  expiresAt: startedAt + absoluteMs,
});
