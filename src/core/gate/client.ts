import { PeerClient, type PeerOptions } from '../../ground/http/index.ts';
import type { Gate, GateOperation } from './gate.ts';
import { routeOf } from './messages.ts';

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
  erase = (i: Parameters<Gate['erase']>[0]) => this.#call('erase', i);
  askGrant = (i: Parameters<Gate['askGrant']>[0]) => this.#call('askGrant', i);
  approveGrant = (i: Parameters<Gate['approveGrant']>[0]) => this.#call('approveGrant', i);
  revokeGrant = (i: Parameters<Gate['revokeGrant']>[0]) => this.#call('revokeGrant', i);
  grant = (i: Parameters<Gate['grant']>[0]) => this.#call('grant', i);
  history = (i: Parameters<Gate['history']>[0]) => this.#call('history', i);
  enrolStaff = async (i: Parameters<Gate['enrolStaff']>[0]): Promise<void> =>
    void (await this.#call('enrolStaff', i));
  enrolTerminal = async (i: Parameters<Gate['enrolTerminal']>[0]): Promise<void> =>
    void (await this.#call('enrolTerminal', i));
  changePin = (i: Parameters<Gate['changePin']>[0]) => this.#call('changePin', i);
  suspend = (i: Parameters<Gate['suspend']>[0]) => this.#call('suspend', i);
  reinstate = async (i: Parameters<Gate['reinstate']>[0]): Promise<void> =>
    void (await this.#call('reinstate', i));
  markHoney = async (i: Parameters<Gate['markHoney']>[0]): Promise<void> =>
    void (await this.#call('markHoney', i));
  verifyRecords = (i: Parameters<Gate['verifyRecords']>[0]) => this.#call('verifyRecords', i);
  head = (i: Parameters<Gate['head']>[0]) => this.#call('head', i);
  honey = (i: Parameters<Gate['honey']>[0]) => this.#call('honey', i);

  close(): Promise<void> {
    return this.#peer.close();
  }
}
