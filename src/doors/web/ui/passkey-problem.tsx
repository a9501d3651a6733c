import { Notice } from './notice.tsx';
import { wasCancelled, wasThere } from './passkey.ts';
import { ProblemNotice } from './problem.tsx';

/** An error of a passkey: given up is no fault, and said so in the site's words. */
export function PasskeyProblem({
  error,
  t,
}: {
  error: unknown;
  t: { cancelled: string; cancelledText: string; there: string; thereText: string };
}) {
  if (error === null) return null;
  if (wasThere(error))
    return (
      <Notice kind="info" title={t.there} live>
        <p>{t.thereText}</p>
      </Notice>
    );
  return wasCancelled(error) ? (
    <Notice kind="warning" title={t.cancelled} live>
      <p>{t.cancelledText}</p>
    </Notice>
  ) : (
    <ProblemNotice error={error} />
  );
}
