import { startAuthentication, startRegistration } from '@simplewebauthn/browser';
import type { DeskClient } from './desk-client.ts';

export async function signInWithPasskey(client: DeskClient): Promise<void> {
  const { options } = await client.requestOptions('sign-in');
  await client.signInPasskey({ body: { response: await startAuthentication({ optionsJSON: options }) } });
}

export async function stepUpWithPasskey(client: DeskClient): Promise<void> {
  const { options } = await client.requestOptions('step-up');
  await client.stepUp({ body: { response: await startAuthentication({ optionsJSON: options }) } });
}

/** Whether it signed in too: only at a terminal's browser does it. */
export async function enrolPasskey(client: DeskClient, invitation: string): Promise<boolean> {
  const { options } = await client.enrolOptions(invitation);
  const response = await startRegistration({ optionsJSON: options });
  const { signedIn } = await client.enrolPasskey({ body: { invitation, response } });
  return signedIn !== null;
}
