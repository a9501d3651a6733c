import { PeerClient, type PeerOptions } from '../../ground/http/index.ts';
import type { Gate, GateOperation } from './gate.ts';
import { routeOf } from './messages.ts';

/** Every record is read and every line: longer than any other answer takes. */
const wholeRegisterMs = 3_600_000;

/** The gate from another process. Refusals come back as the SekishoError they were. */
export class GateClient implements Gate {
  readonly #peer: PeerClient;

  /** @param options.tls the caller's own certificate: its name is what the gate's table of callers knows */
  constructor(options: PeerOptions) {
    this.#peer = new PeerClient(options);
  }

  #call<Operation extends GateOperation>(
    operation: Operation,
    input: Parameters<Gate[Operation]>[0],
  ): ReturnType<Gate[Operation]> {
    return this.#peer.post(routeOf(operation), input) as ReturnType<Gate[Operation]>;
  }

  challenge = (i: Parameters<Gate['challenge']>[0]) => this.#call('challenge', i);
  signIn = (i: Parameters<Gate['signIn']>[0]) => this.#call('signIn', i);
  signOut = async (i: Parameters<Gate['signOut']>[0]): Promise<void> => void (await this.#call('signOut', i));
  openCase = (i: Parameters<Gate['openCase']>[0]) => this.#call('openCase', i);
  closeCase = async (i: Parameters<Gate['closeCase']>[0]): Promise<void> =>
    void (await this.#call('closeCase', i));
  search = (i: Parameters<Gate['search']>[0]) => this.#call('search', i);
  open = (i: Parameters<Gate['open']>[0]) => this.#call('open', i);
  write = (i: Parameters<Gate['write']>[0]) => this.#call('write', i);
  noteImport = (i: Parameters<Gate['noteImport']>[0]) => this.#call('noteImport', i);
  noteBackup = (i: Parameters<Gate['noteBackup']>[0]) => this.#call('noteBackup', i);
  erase = (i: Parameters<Gate['erase']>[0]) => this.#call('erase', i);
  askGrant = (i: Parameters<Gate['askGrant']>[0]) => this.#call('askGrant', i);
  approveGrant = (i: Parameters<Gate['approveGrant']>[0]) => this.#call('approveGrant', i);
  revokeGrant = (i: Parameters<Gate['revokeGrant']>[0]) => this.#call('revokeGrant', i);
  grant = (i: Parameters<Gate['grant']>[0]) => this.#call('grant', i);
  history = (i: Parameters<Gate['history']>[0]) => this.#call('history', i);
  enrolStaff = (i: Parameters<Gate['enrolStaff']>[0]) => this.#call('enrolStaff', i);
  enrolments = (i: Parameters<Gate['enrolments']>[0]) => this.#call('enrolments', i);
  confirmEnrolment = (i: Parameters<Gate['confirmEnrolment']>[0]) => this.#call('confirmEnrolment', i);
  enrolTerminal = async (i: Parameters<Gate['enrolTerminal']>[0]): Promise<void> =>
    void (await this.#call('enrolTerminal', i));
  changePin = (i: Parameters<Gate['changePin']>[0]) => this.#call('changePin', i);
  suspend = (i: Parameters<Gate['suspend']>[0]) => this.#call('suspend', i);
  reinstate = async (i: Parameters<Gate['reinstate']>[0]): Promise<void> =>
    void (await this.#call('reinstate', i));
  markHoney = async (i: Parameters<Gate['markHoney']>[0]): Promise<void> =>
    void (await this.#call('markHoney', i));
  verifyRecords = (i: Parameters<Gate['verifyRecords']>[0]) =>
    this.#peer.post(routeOf('verifyRecords'), i, {}, wholeRegisterMs) as ReturnType<Gate['verifyRecords']>;
  head = (i: Parameters<Gate['head']>[0]) => this.#call('head', i);
  honey = (i: Parameters<Gate['honey']>[0]) => this.#call('honey', i);

  listCases = (i: Parameters<Gate['listCases']>[0]) => this.#call('listCases', i);
  budgetLeft = (i: Parameters<Gate['budgetLeft']>[0]) => this.#call('budgetLeft', i);
  listGrants = (i: Parameters<Gate['listGrants']>[0]) => this.#call('listGrants', i);
  listStaff = (i: Parameters<Gate['listStaff']>[0]) => this.#call('listStaff', i);
  listTerminals = (i: Parameters<Gate['listTerminals']>[0]) => this.#call('listTerminals', i);
  me = (i: Parameters<Gate['me']>[0]) => this.#call('me', i);
  lockLookUps = (i: Parameters<Gate['lockLookUps']>[0]) => this.#call('lockLookUps', i);
  unlockLookUps = (i: Parameters<Gate['unlockLookUps']>[0]) => this.#call('unlockLookUps', i);
  openOwn = (i: Parameters<Gate['openOwn']>[0]) => this.#call('openOwn', i);
  household = (i: Parameters<Gate['household']>[0]) => this.#call('household', i);
  ownHistory = (i: Parameters<Gate['ownHistory']>[0]) => this.#call('ownHistory', i);
  contest = (i: Parameters<Gate['contest']>[0]) => this.#call('contest', i);
  ownContests = (i: Parameters<Gate['ownContests']>[0]) => this.#call('ownContests', i);
  contests = (i: Parameters<Gate['contests']>[0]) => this.#call('contests', i);
  readContest = (i: Parameters<Gate['readContest']>[0]) => this.#call('readContest', i);
  takeContest = (i: Parameters<Gate['takeContest']>[0]) => this.#call('takeContest', i);
  answerContest = (i: Parameters<Gate['answerContest']>[0]) => this.#call('answerContest', i);
  searchLines = (i: Parameters<Gate['searchLines']>[0]) => this.#call('searchLines', i);
  lineActivity = (i: Parameters<Gate['lineActivity']>[0]) => this.#call('lineActivity', i);
  journalKeys = (i: Parameters<Gate['journalKeys']>[0]) => this.#call('journalKeys', i);
  lastVerification = (i: Parameters<Gate['lastVerification']>[0]) => this.#call('lastVerification', i);
  noteVerification = (i: Parameters<Gate['noteVerification']>[0]) => this.#call('noteVerification', i);

  deskPasskeyOptions = (i: Parameters<Gate['deskPasskeyOptions']>[0]) => this.#call('deskPasskeyOptions', i);
  enrolDeskPasskey = (i: Parameters<Gate['enrolDeskPasskey']>[0]) => this.#call('enrolDeskPasskey', i);
  signInAtDesk = (i: Parameters<Gate['signInAtDesk']>[0]) => this.#call('signInAtDesk', i);
  stepUp = (i: Parameters<Gate['stepUp']>[0]) => this.#call('stepUp', i);
  deskSession = (i: Parameters<Gate['deskSession']>[0]) => this.#call('deskSession', i);
  enterDesk = (i: Parameters<Gate['enterDesk']>[0]) => this.#call('enterDesk', i);
  inviteStaff = (i: Parameters<Gate['inviteStaff']>[0]) => this.#call('inviteStaff', i);
  inviteTerminal = (i: Parameters<Gate['inviteTerminal']>[0]) => this.#call('inviteTerminal', i);
  inviteResident = (i: Parameters<Gate['inviteResident']>[0]) => this.#call('inviteResident', i);
  stopPasskeys = (i: Parameters<Gate['stopPasskeys']>[0]) => this.#call('stopPasskeys', i);
  portalPasskeyOptions = (i: Parameters<Gate['portalPasskeyOptions']>[0]) =>
    this.#call('portalPasskeyOptions', i);
  enrolPortalPasskey = (i: Parameters<Gate['enrolPortalPasskey']>[0]) => this.#call('enrolPortalPasskey', i);
  signInAtPortal = (i: Parameters<Gate['signInAtPortal']>[0]) => this.#call('signInAtPortal', i);
  portalSession = (i: Parameters<Gate['portalSession']>[0]) => this.#call('portalSession', i);
  signOutOfPortal = async (i: Parameters<Gate['signOutOfPortal']>[0]): Promise<void> =>
    void (await this.#call('signOutOfPortal', i));
  enterPortal = (i: Parameters<Gate['enterPortal']>[0]) => this.#call('enterPortal', i);
  issueSignInLink = (i: Parameters<Gate['issueSignInLink']>[0]) => this.#call('issueSignInLink', i);

  close(): Promise<void> {
    return this.#peer.close();
  }
}
