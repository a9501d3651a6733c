import type { AllOpened, Opened } from '../ui/use-opened.ts';

/** Opened fields stay this long. */
export const openMs = 60_000;

export interface GroupFields {
  fields: Readonly<Record<string, string>>;
  /** Of the journal. */
  line: number;
}
export type OpenedGroup = Opened<GroupFields>;
export type OpenedGroups = AllOpened<GroupFields>;
