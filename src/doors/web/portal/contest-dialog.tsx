import { lazy, Suspense } from 'react';
import type { About } from './about.ts';

// A dialog with all it takes is a third of the first load, and few people ever contest anything.
const Form = lazy(() => import('./contest-form.tsx').then(({ ContestForm }) => ({ default: ContestForm })));

/** "This was not right": open while `about` is given. */
export function ContestDialog({ about, onClose }: { about: About | null; onClose: () => void }) {
  if (about === null) return null;
  return (
    <Suspense>
      <Form about={about} onClose={onClose} />
    </Suspense>
  );
}
