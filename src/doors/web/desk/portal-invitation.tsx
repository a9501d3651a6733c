import { useState } from 'react';
import { useAct } from '../ui/act.ts';
import { Button } from '../ui/button.tsx';
import { Actions } from '../ui/dialog.tsx';
import { useLanguage } from '../ui/language.tsx';
import { momentInWords } from '../ui/moment.ts';
import { Notice } from '../ui/notice.tsx';
import { Section } from '../ui/page.tsx';
import type { Invited } from './desk-client.ts';
import { Refusal } from './refusal.tsx';
import { useDesk } from './session.tsx';
import { StopPasskeys } from './stop-passkeys.tsx';
import { useDeskWords } from './words.ts';

export const portalPurpose = 'portal-binding';

/** The address without the code, which stands behind `#`: on paper they are two things to type. */
export const addressOf = (url: string): string => url.replace(/#.*$/, '');

/** A code with which a resident binds a passkey to his own record. Shown once; a slip can be printed. */
export function PortalInvitation({ caseId, person }: { caseId: string; person: string }) {
  const t = useDeskWords().invitation;
  const client = useDesk();
  const act = useAct();
  const [made, setMade] = useState<Invited | null>(null);
  const [stopping, setStopping] = useState(false);
  if (made !== null) return <Slip made={made} onDone={() => setMade(null)} />;
  return (
    <Section title={t.title}>
      <p className="text-std-16N-170 mb-4 max-w-3xl">{t.lead}</p>
      <Button
        busy={act.busy}
        onClick={() => act.run(() => client.invitePerson({ person, body: { caseId } }), setMade)}
      >
        {t.submit}
      </Button>
      <div className="mt-4">
        <Refusal error={act.error} caseId={caseId} />
      </div>
      <h4 className="text-std-17B-170 mt-6 mb-2">{t.lost}</h4>
      <Button look="outline" onClick={() => setStopping(true)}>
        {t.stopTitle}
      </Button>
      <StopPasskeys
        title={t.stopTitle}
        open={stopping}
        onClose={() => setStopping(false)}
        stop={() => client.stopPersonPasskeys({ person, body: { caseId } })}
        onStopped={() => {}}
      />
    </Section>
  );
}

function Slip({ made, onDone }: { made: Invited; onDone: () => void }) {
  const t = useDeskWords().invitation;
  const { language } = useLanguage();
  return (
    <section aria-label={t.made} className="mt-8">
      <div className="mb-4 print:hidden">
        <Notice kind="warning" title={t.made} live>
          <p>{t.once}</p>
        </Notice>
      </div>
      <div className="max-w-2xl rounded-12 border-2 border-black p-6">
        <p className="text-std-22B-150 mb-2">{t.slip}</p>
        <p className="text-std-16N-170 mb-4">{t.slipText}</p>
        <p className="text-std-16N-170 text-solid-gray-700">{t.address}</p>
        <p className="text-mono-17B-150 mb-4">{addressOf(made.url)}</p>
        <SpokenCode code={made.code} />
        <p className="text-std-16N-170 mt-4">{t.until(momentInWords(made.expiresAt, language))}</p>
      </div>
      <div className="print:hidden">
        <Actions>
          <Button onClick={() => window.print()}>{t.print}</Button>
          <Button look="outline" onClick={onDone}>
            {t.done}
          </Button>
        </Actions>
      </div>
    </section>
  );
}

/** Groups of four stay together at the end of a line. */
export function SpokenCode({ code }: { code: string }) {
  const groups = code.split(/[\s-]+/);
  return (
    <p className="flex flex-wrap gap-x-4 gap-y-1 font-mono text-[1.5rem] leading-140 font-700">
      {groups.map((group, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two groups may be alike
        <span key={i} className="whitespace-nowrap">
          {group}
        </span>
      ))}
    </p>
  );
}
