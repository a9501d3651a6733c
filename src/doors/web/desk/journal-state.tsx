import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { verdictWords } from '../../words/index.ts';
import { useAct } from '../ui/act.ts';
import { Button } from '../ui/button.tsx';
import { useLanguage } from '../ui/language.tsx';
import { countInWords, momentInWords } from '../ui/moment.ts';
import { Notice } from '../ui/notice.tsx';
import { Section } from '../ui/page.tsx';
import { ProblemNotice } from '../ui/problem.tsx';
import { cosignaturesOf } from './cosignatures.ts';
import { useDesk, useSession } from './session.tsx';
import { useOfficeWords } from './words.ts';

/** Head, witnesses and verification of this municipality's journal. */
export function JournalState() {
  const t = useOfficeWords().journal;
  const { language } = useLanguage();
  const client = useDesk();
  const { municipality } = useSession();
  const { data, error } = useQuery({
    queryKey: ['heads'],
    queryFn: () => client.journalHeads(),
  });
  const head = data?.journals.find((each) => each.municipality === municipality) ?? data?.journals[0];
  const cosigned = head === undefined ? [] : cosignaturesOf(head.checkpoint);
  return (
    <Section title={t.state}>
      <ProblemNotice error={error} />
      {head !== undefined && (
        <>
          <dl className="text-std-16N-170 mb-4 grid max-w-3xl gap-x-4 sm:grid-cols-[10rem_1fr]">
            <dt className="text-solid-gray-700">{t.head}</dt>
            <dd>{t.lines(countInWords(head.size, language))}</dd>
            <dt className="text-solid-gray-700">{t.origin}</dt>
            <dd className="font-mono">{head.origin}</dd>
            <dt className="text-solid-gray-700">{t.witnesses}</dt>
            <dd>
              {cosigned.length === 0 ? (
                <strong className="text-error-2">{t.noWitness}</strong>
              ) : (
                cosigned.map(({ name, at }) => (
                  <div key={name}>{t.witness(name, momentInWords(at, language))}</div>
                ))
              )}
            </dd>
          </dl>
          <div className="grid gap-6 md:grid-cols-2">
            <VerifyJournal municipality={head.municipality} />
            <VerifyRecords />
          </div>
        </>
      )}
    </Section>
  );
}

function VerifyJournal({ municipality }: { municipality: string }) {
  const t = useOfficeWords().journal;
  const { language } = useLanguage();
  const client = useDesk();
  const act = useAct();
  const queries = useQueryClient();
  const queryKey = ['verification', municipality];
  const { data, error } = useQuery({ queryKey, queryFn: () => client.lastVerification({ municipality }) });
  const last = data?.last ?? null;
  const good = last?.verdict === 'ok';
  const verdict =
    last !== null && Object.hasOwn(verdictWords, last.verdict)
      ? verdictWords[last.verdict as keyof typeof verdictWords]![language]
      : last?.verdict;
  return (
    <div>
      <h3 className="text-std-18B-160 mb-1">{t.lastVerified}</h3>
      <p className="text-std-16N-170 mb-3">{last === null ? t.never : momentInWords(last.at, language)}</p>
      <Button
        busy={act.busy}
        onClick={() =>
          act.run(
            () => client.verifyJournal({ municipality }),
            (done) => queries.setQueryData(queryKey, { last: done }),
          )
        }
      >
        {t.verify}
      </Button>
      <div className="mt-3 space-y-3">
        {act.busy && <Notice kind="info" title={t.verifying} live />}
        {last !== null && !act.busy && (
          <Notice
            kind={good ? 'success' : 'error'}
            title={good ? t.verified(countInWords(last.size, language)) : `${t.verdict}: ${verdict}`}
            live
          />
        )}
        <ProblemNotice error={act.error ?? error} />
      </div>
    </div>
  );
}

function VerifyRecords() {
  const t = useOfficeWords().journal;
  const { language } = useLanguage();
  const client = useDesk();
  const act = useAct();
  const [last, setLast] = useState<{ rows: number; findings: number } | null>(null);
  return (
    <div>
      <h3 className="text-std-18B-160 mb-1">{t.records}</h3>
      <Button
        look="outline"
        busy={act.busy}
        onClick={() =>
          act.run(
            () => client.verifyRecords(),
            ({ verified: { rows, findings } }) => setLast({ rows, findings }),
          )
        }
      >
        {t.records}
      </Button>
      <div className="mt-3 space-y-3">
        {last !== null &&
          (last.findings === 0 ? (
            <Notice kind="success" title={t.recordsGood(countInWords(last.rows, language))} live />
          ) : (
            <Notice kind="error" title={t.recordsBad(last.findings)} live>
              <p>{t.recordsBadText}</p>
            </Notice>
          ))}
        <ProblemNotice error={act.error} />
      </div>
    </div>
  );
}
