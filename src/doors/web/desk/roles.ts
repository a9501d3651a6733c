/** The desk's screens beside the cases, and who is offered them. What a role may do is the gate's decision; this is courtesy. */
export const screens = {
  imports: ['registrar'],
  grants: ['clerk', 'supervisor', 'officer'],
  contests: ['supervisor', 'officer'],
  journal: ['officer'],
  people: ['officer', 'administrator'],
} as const satisfies Record<string, readonly string[]>;

export type Screen = keyof typeof screens;

export const mayUse = (screen: Screen, role: string): boolean =>
  (screens[screen] as readonly string[]).includes(role);

/** The officer suspends; only the administrator enrols and invites. */
export const mayEnrol = (role: string): boolean => role === 'administrator';
