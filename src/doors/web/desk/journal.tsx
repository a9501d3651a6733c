import { Page } from '../ui/page.tsx';
import { Activity } from './activity.tsx';
import { JournalState } from './journal-state.tsx';
import { LineSearch } from './line-search.tsx';
import { useDeskWords, useOfficeWords } from './words.ts';

/** The security officer's view: is the journal whole, what happened when, and who did it. */
export function Journal() {
  const words = useDeskWords();
  const t = useOfficeWords().journal;
  return (
    <Page title={t.title} site={words.site} lead={t.lead}>
      <JournalState />
      <Activity />
      <LineSearch />
    </Page>
  );
}
