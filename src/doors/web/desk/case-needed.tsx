import { Link } from '@tanstack/react-router';
import { Notice } from '../ui/notice.tsx';
import { useDeskWords } from './words.ts';

/** Why nothing can be begun here yet, and where a case is opened. */
export function CaseNeeded({ text }: { text: string }) {
  const t = useDeskWords().frame;
  return (
    <Notice kind="info" title={text}>
      <Link to="/">{t.toHome}</Link>
    </Notice>
  );
}
