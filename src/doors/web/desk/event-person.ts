import type { groupWords } from '../../words/index.ts';
import type { OpenedGroups } from './opened-groups.ts';

/** Whom an event is about, and what of him is open now. */
export interface EventPerson {
  id: string;
  status: string;
  opened: OpenedGroups;
  mayOpen: readonly string[];
  onOpen: (group: keyof typeof groupWords) => void;
}
