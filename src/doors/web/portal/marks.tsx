import { useQuery } from '@tanstack/react-query';
import type { Policy } from '../../../core/journal/verify/index.ts';
import { Button } from '../ui/button.tsx';
import { Page, Section } from '../ui/page.tsx';
import { ProblemNotice } from '../ui/problem.tsx';
import { keepFile } from './keep-file.ts';
import { useKeys } from './keys.ts';
import { MarkSign } from './mark.tsx';
import { fingerprintOf, type Mark, savedKeys } from './verify/index.ts';
import { usePortalWords } from './words.ts';

const marks = ['green', 'red', 'grey'] as const satisfies readonly Mark[];

/** What the marks mean, how they are made, and the public keys they rest on. */
export function Marks() {
  const words = usePortalWords();
  const t = words.marks;
  const keys = useKeys();
  return (
    <Page title={t.title} site={words.site} lead={t.lead}>
      <dl className="grid gap-x-6 gap-y-4 sm:grid-cols-[12rem_1fr]">
        {marks.map((mark) => (
          <div key={mark} className="contents">
            <dt>
              <MarkSign mark={mark} />
            </dt>
            <dd className="text-std-16N-170">
              {t[mark].text}
              {mark === 'red' && ` ${t.redToDo}`}
            </dd>
          </div>
        ))}
      </dl>
      <Section title={t.how}>
        <ol className="text-std-16N-170 max-w-3xl list-decimal space-y-2 pl-6">
          {t.steps.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
      </Section>
      <Section title={t.keys}>
        <p className="text-std-16N-170 mb-4 max-w-3xl">{t.keysText}</p>
        <ProblemNotice error={keys.error} />
        {[...(keys.data ?? [])].map(([municipality, policy]) => (
          <KeysOf key={municipality} policy={policy} />
        ))}
      </Section>
      <Section title={t.offline}>
        <p className="text-std-16N-170 mb-2 max-w-3xl">{t.offlineText}</p>
        <p className="overflow-x-auto rounded-8 bg-solid-gray-50 p-3">
          <code className="font-mono">
            npx sekisho journal verify sekisho-….tlog-proof --trust sekisho-keys.json
          </code>
        </p>
        {keys.data !== undefined && (
          <p className="mt-4">
            <Button look="outline" onClick={() => keepFile(savedKeys(keys.data))}>
              {t.saveKeys}
            </Button>
          </p>
        )}
      </Section>
    </Page>
  );
}

function KeysOf({ policy }: { policy: Policy }) {
  const t = usePortalWords().marks;
  return (
    <div className="mb-4 rounded-8 border border-solid-gray-420 p-4">
      <dl className="space-y-3">
        <Key name={t.log} vkey={policy.logKey} />
        {policy.witnessKeys.map((vkey) => (
          <Key key={vkey} name={t.witness} vkey={vkey} />
        ))}
      </dl>
      <p className="text-std-16N-170 mt-3">{t.quorum(policy.quorum)}</p>
    </div>
  );
}

function Key({ name, vkey }: { name: string; vkey: string }) {
  const t = usePortalWords().marks;
  const { data } = useQuery({
    queryKey: ['fingerprint', vkey],
    queryFn: async () => (await fingerprintOf(vkey)) ?? '',
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <div>
      <dt className="text-std-16B-170">
        {name}: <span className="break-all">{vkey.split('+')[0]}</span>
      </dt>
      <dd className="text-std-16N-170">
        <span className="text-solid-gray-700">{t.fingerprint}</span>{' '}
        <code className="font-mono break-words">{data}</code>
      </dd>
    </div>
  );
}
